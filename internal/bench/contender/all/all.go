// Package all lists every contender. It is apart from package contender because
// each of them imports that.
package all

import (
	"fmt"

	"github.com/apiroutes/apiroutes/internal/bench/contender"
	"github.com/apiroutes/apiroutes/internal/bench/contender/chi"
	"github.com/apiroutes/apiroutes/internal/bench/contender/connect"
	"github.com/apiroutes/apiroutes/internal/bench/contender/echo"
	"github.com/apiroutes/apiroutes/internal/bench/contender/fiber"
	"github.com/apiroutes/apiroutes/internal/bench/contender/fuego"
	"github.com/apiroutes/apiroutes/internal/bench/contender/gin"
	"github.com/apiroutes/apiroutes/internal/bench/contender/hertz"
	"github.com/apiroutes/apiroutes/internal/bench/contender/huma"
	"github.com/apiroutes/apiroutes/internal/bench/contender/ogen"
	"github.com/apiroutes/apiroutes/internal/bench/contender/ours"
	"github.com/apiroutes/apiroutes/internal/bench/contender/raw"
)

// The names that others ask for.
const (
	Raw      = "raw"
	Buffered = "raw, buffered"
	Fiber    = "fiber"
	Huma     = "huma"
	Ours     = "apiroutes"      // without entity tags: nobody else computes them
	OursETag = "apiroutes+etag" // as it comes; not in [Names]
)

// Names lists the contenders, the baseline first and this project last.
func Names() []string {
	return []string{Raw, Buffered, "chi", "gin", "echo", Fiber, "hertz", "fuego", Huma, "ogen", "connect", Ours}
}

// Named makes one contender, and nothing of the others.
func Named(name string) (contender.Contender, error) {
	switch name {
	case Raw:
		return raw.New(), nil
	case Buffered:
		return raw.NewBuffered(), nil
	case "chi":
		return chi.New(), nil
	case "gin":
		return gin.New(), nil
	case "echo":
		return echo.New(), nil
	case Fiber:
		return fiber.New(), nil
	case "hertz":
		return hertz.New(), nil
	case "fuego":
		return fuego.New(), nil
	case "ogen":
		return ogen.New(), nil
	case "connect":
		return connect.New(), nil
	case Huma:
		return huma.New(), nil
	case Ours:
		return ours.New(false), nil
	case OursETag:
		return ours.New(true), nil
	}
	return contender.Contender{}, fmt.Errorf("no contender is called %q", name)
}

// Contenders makes all of [Names].
func Contenders() []contender.Contender {
	var list []contender.Contender
	for _, name := range Names() {
		c, err := Named(name)
		if err != nil {
			panic(err) // a name is missing in Named
		}
		list = append(list, c)
	}
	return list
}
