package refused

import (
	"context"

	"github.com/apiroutes/apiroutes/typed"
)

func undeclaredOutcome(_ context.Context, _ GetUser, out *GetUserOut) (typed.Answer, error) {
	return out.Gone.JSON(Missing{}) // want `out\.Gone undefined \(type \*GetUserOut has no field or method Gone\)`
}

func bodyOnEmpty(_ context.Context, _ GetUser, out *GetUserOut) (typed.Answer, error) {
	return out.Deleted.JSON(User{}) // want `out\.Deleted\.JSON undefined \(type .*Empty has no field or method JSON\)`
}

func bodyAtTheEndOfEmpty(_ context.Context, _ GetUser, out *GetUserOut) (typed.Answer, error) {
	return out.Deleted.End(User{}) // want `cannot use User\{\} .* as .*Option value in argument to out\.Deleted\.End`
}

func bodyOnRedirect(_ context.Context, _ GetUser, out *GetUserOut) (typed.Answer, error) {
	return out.Moved.JSON(User{}) // want `out\.Moved\.JSON undefined \(type .*Redirect has no field or method JSON\)`
}

func statusOfOutcome(_ context.Context, _ GetUser, out *GetUserOut) (typed.Answer, error) {
	return out.OK.Status(201).JSON(User{}) // want `out\.OK\.Status undefined`
}

func rightOutcome(_ context.Context, _ GetUser, out *GetUserOut) (typed.Answer, error) {
	return out.Deleted.End()
}
