// Package gin serves the workloads with gin's own binding, rules and writing.
package gin

import (
	"net/http"
	"reflect"
	"strings"

	ginweb "github.com/gin-gonic/gin"
	"github.com/gin-gonic/gin/binding"
	"github.com/go-playground/validator/v10"

	"github.com/apiroutes/apiroutes/internal/bench/contender"
	"github.com/apiroutes/apiroutes/internal/bench/contender/raw"
	"github.com/apiroutes/apiroutes/internal/bench/work"
)

// New returns gin in release mode without middleware. gin keeps its mode and its
// validator in package variables; nobody else in the process reads them.
func New() contender.Contender {
	ginweb.SetMode(ginweb.ReleaseMode)
	if v, ok := binding.Validator.Engine().(*validator.Validate); ok {
		v.RegisterTagNameFunc(func(f reflect.StructField) string {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			return name
		})
	}
	rows := work.Rows()
	e := ginweb.New()
	e.HandleMethodNotAllowed = true
	e.GET("/hello", func(c *ginweb.Context) { c.JSON(http.StatusOK, work.Greeting{Message: "Hello"}) })
	e.GET("/users/:id", user)
	e.POST("/users", func(c *ginweb.Context) {
		var in newUser
		if bound(c, c.ShouldBindJSON(&in)) {
			c.JSON(http.StatusCreated, in.echo())
		}
	})
	e.POST("/batch", func(c *ginweb.Context) {
		var in batch
		if bound(c, c.ShouldBindJSON(&in)) {
			c.JSON(http.StatusCreated, in.imported())
		}
	})
	e.GET("/rows", func(c *ginweb.Context) { c.JSON(http.StatusOK, rows) })
	return contender.NetHTTP("gin", "github.com/gin-gonic/gin", e)
}

func user(c *ginweb.Context) {
	var path userPath
	var query userQuery
	var header userHeader
	if bound(c, c.ShouldBindUri(&path)) && bound(c, c.ShouldBindQuery(&query)) && bound(c, c.ShouldBindHeader(&header)) {
		c.JSON(http.StatusOK, work.Lookup{ID: path.ID, Verbose: query.Verbose, Limit: query.Limit, Trace: header.Trace})
	}
}

// bound reports whether binding went well, and answers if not.
func bound(c *ginweb.Context, err error) bool {
	if err == nil {
		return true
	}
	if failures := raw.Failures(err); failures != nil {
		c.JSON(http.StatusUnprocessableEntity, ginweb.H{"title": "Unprocessable Entity", "errors": failures})
		return false
	}
	c.JSON(http.StatusBadRequest, ginweb.H{"title": "Bad Request"})
	return false
}
