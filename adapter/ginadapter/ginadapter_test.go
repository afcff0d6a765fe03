package ginadapter_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/apiroutes/apiroutes/adapter/adaptertest"
	"github.com/apiroutes/apiroutes/adapter/ginadapter"
	"github.com/apiroutes/apiroutes/typed"
)

func newEngine() *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.Use(gin.RecoveryWithWriter(io.Discard), func(c *gin.Context) {
		c.Header(adaptertest.Header, "seen")
		c.Request = c.Request.WithContext(adaptertest.WithValue(c.Request.Context()))
	})
	engine.GET(adaptertest.OwnPath, func(c *gin.Context) { c.String(200, "own") })
	return engine
}

func TestAdapter(t *testing.T) {
	adaptertest.Run(t, func(api *typed.API) adaptertest.Server {
		engine := newEngine()
		ginadapter.Mount(engine, api)
		return adaptertest.Serve(engine)
	}, adaptertest.Group(func(prefix string, api *typed.API) adaptertest.Server {
		engine := newEngine()
		engine.UseRawPath = true
		ginadapter.Mount(engine.Group(prefix), api)
		return adaptertest.Serve(engine)
	}),
		adaptertest.Answers("framing-018", 404, "gin has no routes for a method that nobody registered, and none in lower case"),
		adaptertest.Answers("path-019", 404, "gin is given the API's paths, and none has so many segments"),
	)
}

func TestCost(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	empty := gin.New()
	empty.GET("/users/:id", func(*gin.Context) {})
	empty.POST("/users", func(*gin.Context) {})
	adaptertest.Cost(t, empty, func(api *typed.API) http.Handler {
		engine := gin.New()
		ginadapter.Mount(engine, api)
		return engine
	})
}
