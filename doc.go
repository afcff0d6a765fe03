// Package apiroutes holds nothing: it is where the documentation of the module begins.
// A handler says by its types what it takes and what it answers; package typed makes an
// endpoint of it.
//
//	type GetUser struct {
//		ID int `path:"id" validate:"min=1"`
//	}
//
//	api := typed.New("Users", "1.0.0", nil)
//	typed.Handle(api, "GET /users/{id}", typed.Func(func(ctx context.Context, in GetUser) (User, error) {
//		return find(ctx, in.ID) // in is decoded and valid
//	}))
//	docs.Mount(api, nil) // /docs and /openapi.json
//	log.Fatal(typed.Serve(context.Background(), "127.0.0.1:8080", api))
//
// Begin with [github.com/apiroutes/apiroutes/typed], which every program imports. Then,
// as the need arises:
//
//   - [github.com/apiroutes/apiroutes/typed/client]: call a declared endpoint
//   - [github.com/apiroutes/apiroutes/respond]: what a handler answers
//   - [github.com/apiroutes/apiroutes/validate]: the rules that a request keeps
//   - [github.com/apiroutes/apiroutes/docs]: the OpenAPI document and its page
//   - [github.com/apiroutes/apiroutes/respond/pagecache]: pages that are kept and
//     revalidated
//   - adapter/chiadapter, ginadapter, echoadapter and fiberadapter: the same endpoints
//     under a router, each a module of its own
//
// examples/quickstart is a whole program, and docs/guide has a guide for each subject.
package apiroutes
