package typed_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// A download that can be continued: the file says its size and date, and is closed by typed.
func ExampleContent() {
	file, err := os.CreateTemp("", "report")
	if err != nil {
		panic(err)
	}
	defer os.Remove(file.Name())
	_, _ = file.WriteString("id,title\n1,Emma\n")

	api := typed.New("Reports", "1.0.0", nil)
	typed.Handle(api, "GET /report.csv", typed.Func(func(context.Context, typed.None) (typed.Content, error) {
		f, err := os.Open(file.Name())
		if err != nil {
			return typed.Content{}, respond.NotFound("There is no report yet.")
		}
		return typed.Content{Name: "report.csv", ETag: `"v1"`, Attachment: true, Body: f}, nil
	}), typed.Produces("text/csv"), typed.Fails(404))

	r := httptest.NewRequest("GET", "/report.csv", nil)
	r.Header.Set("Range", "bytes=9-") // what is missing
	r.Header.Set("If-Range", `"v1"`)  // of this version
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	fmt.Println(w.Code, http.StatusText(w.Code), w.Header().Get("Content-Range"))
	fmt.Print(w.Body)
	// Output:
	// 206 Partial Content bytes 9-15/16
	// 1,Emma
}
