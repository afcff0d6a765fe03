// Package client calls the endpoints of package typed: the declaration that a server
// handles is what its client is made of, without code generation.
//
//	var getUser = typed.Get[GetUser, User]("/users/{id}")
//
//	func main() {
//		c := client.New("https://api.example.com/v1", nil)
//		user, err := client.Call(context.Background(), c, getUser, GetUser{ID: 7})
//		if problem, ok := errors.AsType[*respond.Problem](err); ok {
//			log.Fatal(problem.Status, problem.Detail, problem.Errors)
//		}
//		log.Print(user, err)
//	}
//
// [Call] is for endpoints that answer with a typed.Response, [Do] for those with an outcome
// set as well. [Local] makes a Client of an API in the same process, for tests.
//
// What happens in a call:
//
//  1. The request type is written into path, query, header, cookies and content, as the
//     server reads it. Fields with an auth tag are not sent: Options.Credentials,
//     [WithBearer] and [WithBasic] sign the requests of endpoints that declare a scheme.
//     What no request can say is an error that names the field, and nothing is sent: a
//     control character in a header field, an empty path segment, a nil pointer beside a
//     default. Dates and times are written in the format that the field declares, and lose
//     what it does not hold.
//  2. The request is sent, and again where Options.Retry says so. Redirects are not
//     followed: they are answers.
//  3. The answer is read up to Options.MaxAnswer, and matched by its status and media type
//     with the outcomes that the endpoint declares. It is decoded by the media type that
//     was received, as strictly as requests are: duplicate names, invalid UTF-8, wrong
//     types and trailing data are refused. Members that are not known are skipped, unless
//     Options.Strict.
//     Readers, files, events and lines are given to the caller as they come.
//  4. A problem becomes a *respond.Problem, a form of errors a [Failure], and whatever else
//     the endpoint does not declare an [UnexpectedAnswer]. There is no zero value without
//     an error.
//
// The first call of an endpoint compiles how it is called; what is wrong with its
// declaration is the error of every call.
package client
