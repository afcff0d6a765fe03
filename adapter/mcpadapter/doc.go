// Package mcpadapter exposes endpoints of an API as tools of the Model Context Protocol
// (https://modelcontextprotocol.io), which language models call.
//
//	server := mcp.NewServer(&mcp.Implementation{Name: "users", Version: "1.0.0"}, nil)
//	mcpadapter.Add(server, api,
//		mcpadapter.Expose(getUser, "get_user", "Returns one user.", mcpadapter.Anonymous()))
//	err := server.Run(ctx, &mcp.StdioTransport{})
//
// Only what is exposed is a tool. What happens to a call:
//
//  1. The tool is looked up. One that the caller may not call is not there: it is neither
//     listed nor called (see [Bridge]).
//  2. The arguments, one flat object, become a request: path and query parameters, form
//     fields, and the members of a JSON body. A body that is no object is the argument
//     "body". The credentials of the request are what the function of the program says, and
//     nothing that a model can set: auth fields, header fields and cookies are no arguments.
//  3. The request goes through the API as any other does: middleware, auth, binding, rules,
//     handler. It reaches the endpoint of the tool or none.
//  4. An answer below 400 is the result: JSON as structured content, which the output schema
//     of the tool describes, and as text; a list or a bare value as the member "result" of an
//     object, because clients take nothing else. The items of a stream are text, and are
//     told as they come where the client asks for progress. Any other answer is an error of
//     the tool, in words that say what is wrong with which argument.
//
// Schemas are those of the document: the input schema accepts what the endpoint accepts.
package mcpadapter
