// Package all lists every contender. It is apart from package contender because
// each of them imports that.
package all

import (
	"github.com/apiroutes/apiroutes/internal/bench/contender"
	"github.com/apiroutes/apiroutes/internal/bench/contender/chi"
	"github.com/apiroutes/apiroutes/internal/bench/contender/echo"
	"github.com/apiroutes/apiroutes/internal/bench/contender/fiber"
	"github.com/apiroutes/apiroutes/internal/bench/contender/gin"
	"github.com/apiroutes/apiroutes/internal/bench/contender/huma"
	"github.com/apiroutes/apiroutes/internal/bench/contender/raw"
)

// Contenders returns the baseline first.
func Contenders() []contender.Contender {
	return []contender.Contender{raw.New(), chi.New(), gin.New(), echo.New(), fiber.New(), huma.New()}
}
