// Package all lists every contender. It is apart from package contender because
// each of them imports that.
package all

import (
	"fmt"

	"github.com/apiroutes/apiroutes/internal/bench/contender"
	"github.com/apiroutes/apiroutes/internal/bench/contender/chi"
	"github.com/apiroutes/apiroutes/internal/bench/contender/echo"
	"github.com/apiroutes/apiroutes/internal/bench/contender/fiber"
	"github.com/apiroutes/apiroutes/internal/bench/contender/gin"
	"github.com/apiroutes/apiroutes/internal/bench/contender/huma"
	"github.com/apiroutes/apiroutes/internal/bench/contender/ours"
	"github.com/apiroutes/apiroutes/internal/bench/contender/raw"
)

// Contenders returns the baseline first and this project last.
func Contenders() []contender.Contender {
	return []contender.Contender{raw.New(), chi.New(), gin.New(), echo.New(), fiber.New(), huma.New(), Ours()}
}

// Ours is this project, without entity tags: nobody else computes them.
func Ours() contender.Contender { return ours.New(false) }

// OursWithETag is this project as it comes.
func OursWithETag() contender.Contender { return ours.New(true) }

// Named returns one contender of [Contenders].
func Named(name string) (contender.Contender, error) {
	for _, c := range Contenders() {
		if c.Name == name {
			return c, nil
		}
	}
	return contender.Contender{}, fmt.Errorf("no contender is called %q", name)
}
