package growth

// The endpoints of both are the same: two parameters and five members in, with
// rules, five members out.

// Ours declares endpoints with this project.
func Ours() Toolkit {
	return Toolkit{
		Name:    "apiroutes",
		imports: "\t\"context\"\n\n\t\"github.com/apiroutes/apiroutes/typed\"\n",
		api:     "*typed.API",
		endpoint: `type Change{{.}} struct {
	ID     int      ` + "`path:\"id\" validate:\"min=1\"`" + `
	Notify bool     ` + "`query:\"notify\"`" + `
	Name   string   ` + "`json:\"name\" validate:\"required,min=2,max=64\"`" + `
	Email  string   ` + "`json:\"email\" validate:\"required,email\"`" + `
	Age    int      ` + "`json:\"age\" validate:\"min=18,max=120\"`" + `
	Role   string   ` + "`json:\"role\" validate:\"required,oneof=admin member guest\"`" + `
	Tags   []string ` + "`json:\"tags\" validate:\"max=10,dive,max=20\"`" + `
}

type Changed{{.}} struct {
	ID    int      ` + "`json:\"id\"`" + `
	Name  string   ` + "`json:\"name\"`" + `
	Email string   ` + "`json:\"email\"`" + `
	Age   int      ` + "`json:\"age\"`" + `
	Tags  []string ` + "`json:\"tags\"`" + `
}

func change{{.}}(_ context.Context, in Change{{.}}, res *typed.Response[Changed{{.}}]) (typed.Answer, error) {
	return res.JSON(Changed{{.}}{ID: in.ID, Name: in.Name, Email: in.Email, Age: in.Age, Tags: in.Tags})
}

func add{{.}}(api *typed.API) { typed.Handle(api, "POST /things{{.}}/{id}", change{{.}}) }

`,
		main: `package main

import (
	"encoding/json"
	"os"
	"syscall"
	"time"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/typed"
{{range .Packages}}
	"{{$.Path}}/{{.}}"{{end}}
)
` + mainTail(`
	api := typed.New("growth", "1", nil)
	start := cpu()
{{range .Packages}}	{{.}}.Add(api)
{{end}}	registered := cpu()
	document, err := docs.OpenAPI(api, nil)
	if err != nil {
		panic(err)
	}
	text, err := document.JSON()
`),
	}
}

// Huma declares the same endpoints with huma.
func Huma() Toolkit {
	return Toolkit{
		Name:    "huma",
		imports: "\t\"context\"\n\n\t\"github.com/danielgtaylor/huma/v2\"\n",
		api:     "huma.API",
		endpoint: `type Body{{.}} struct {
	Name  string   ` + "`json:\"name\" minLength:\"2\" maxLength:\"64\"`" + `
	Email string   ` + "`json:\"email\" format:\"email\"`" + `
	Age   int      ` + "`json:\"age\" minimum:\"18\" maximum:\"120\"`" + `
	Role  string   ` + "`json:\"role\" enum:\"admin,member,guest\"`" + `
	Tags  []string ` + "`json:\"tags,omitempty\" maxItems:\"10\" maxLength:\"20\"`" + `
}

type Change{{.}} struct {
	ID     int  ` + "`path:\"id\" minimum:\"1\"`" + `
	Notify bool ` + "`query:\"notify\"`" + `
	Body   Body{{.}}
}

type Thing{{.}} struct {
	ID    int      ` + "`json:\"id\"`" + `
	Name  string   ` + "`json:\"name\"`" + `
	Email string   ` + "`json:\"email\"`" + `
	Age   int      ` + "`json:\"age\"`" + `
	Tags  []string ` + "`json:\"tags\"`" + `
}

type Changed{{.}} struct{ Body Thing{{.}} }

func change{{.}}(_ context.Context, in *Change{{.}}) (*Changed{{.}}, error) {
	b := in.Body
	return &Changed{{.}}{Thing{{.}}{ID: in.ID, Name: b.Name, Email: b.Email, Age: b.Age, Tags: b.Tags}}, nil
}

func add{{.}}(api huma.API) { huma.Post(api, "/things{{.}}/{id}", change{{.}}) }

`,
		main: `package main

import (
	"encoding/json"
	"net/http"
	"os"
	"syscall"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
{{range .Packages}}
	"{{$.Path}}/{{.}}"{{end}}
)
` + mainTail(`
	config := huma.DefaultConfig("growth", "1")
	config.CreateHooks = nil
	api := humago.New(http.NewServeMux(), config)
	start := cpu()
{{range .Packages}}	{{.}}.Add(api)
{{end}}	registered := cpu()
	text, err := json.Marshal(api.OpenAPI())
`),
	}
}

// mainTail is main around body, which leaves start, registered, text and err.
func mainTail(body string) string {
	return `
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func main() {` + body + `	if err != nil {
		panic(err)
	}
	documented := cpu()
	if err := json.NewEncoder(os.Stdout).Encode(map[string]int64{
		"register": int64(registered - start), "document": int64(documented - registered), "bytes": int64(len(text)),
	}); err != nil {
		panic(err)
	}
}
`
}
