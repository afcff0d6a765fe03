package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed/client"
)

// call adds a user to a running quickstart, reads it again, and shows what is refused.
func call(ctx context.Context, w io.Writer, url string) error {
	c := client.New(url, nil)
	user, err := client.Call(ctx, c, addUser, NewUser{Name: "Ada", Email: "ada@example.com"})
	if err != nil {
		return err
	}
	answer, err := client.Do(ctx, c, getUser, GetUser{ID: user.ID})
	if err != nil {
		return err
	}
	if found, ok := answer.Out.OK.Payload(); ok {
		_, _ = fmt.Fprintf(w, "user %d is %s\n", found.ID, found.Name)
	}
	_, err = client.Call(ctx, c, addUser, NewUser{Name: "Emmy"})
	if problem, ok := errors.AsType[*respond.Problem](err); ok {
		_, _ = fmt.Fprintf(w, "a user without an address is refused: %s %s\n", problem.Errors[0].Pointer, problem.Errors[0].Detail)
		return nil
	}
	return err
}
