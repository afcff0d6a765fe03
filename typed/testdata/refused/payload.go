package refused

import (
	"context"

	"github.com/apiroutes/apiroutes/typed"
)

func otherPayload(_ context.Context, _ GetUser, res *typed.Response[User]) (typed.Answer, error) {
	return res.JSON(Order{}) // want `cannot use Order\{\} .* as User value in argument to res\.JSON`
}

func otherPayloadSent(_ context.Context, _ GetUser, res *typed.Response[User]) (typed.Answer, error) {
	return res.Status(200).Send(Order{}) // want `cannot use Order\{\} .* as User value in argument to res\.Status\(200\)\.Send`
}

func mapPayload(_ context.Context, _ GetUser, res *typed.Response[User]) (typed.Answer, error) {
	return res.JSON(map[string]any{"id": 1}) // want `cannot use map\[string\]any\{…\} .* as User value in argument to res\.JSON`
}

func pointerPayload(_ context.Context, _ GetUser, res *typed.Response[User]) (typed.Answer, error) {
	return res.JSON(&User{}) // want `cannot use &User\{\} .* as User value in argument to res\.JSON`
}

func otherPayloadOfOutcome(_ context.Context, _ GetUser, out *GetUserOut) (typed.Answer, error) {
	return out.NotFound.JSON(User{}) // want `cannot use User\{\} .* as Missing value in argument to out\.NotFound\.JSON`
}

func otherPayloadSentToOutcome(_ context.Context, _ GetUser, out *GetUserOut) (typed.Answer, error) {
	return out.OK.Send(Missing{}) // want `cannot use Missing\{\} .* as User value in argument to out\.OK\.Send`
}

func rightPayload(_ context.Context, _ GetUser, res *typed.Response[User]) (typed.Answer, error) {
	return res.JSON(User{})
}
