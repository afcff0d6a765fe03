package respond_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// A download that goes on where it was cut.
func ExampleContent() {
	api := typed.New("Reports", "1.0.0", nil)
	typed.Handle(api, "GET /report", func(_ context.Context, _ typed.None, res *typed.Response[respond.Content]) (typed.Answer, error) {
		return res.Send(respond.Content{
			Name: "report.txt", Type: "text/plain", Attachment: true,
			ETag: `"v1"`, Modified: time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC),
			Body: strings.NewReader("twelve bytes"),
		})
	})
	r := httptest.NewRequest(http.MethodGet, "/report", nil)
	r.Header.Set("Range", "bytes=7-")
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Header().Get("Content-Range"), w.Header().Get("Content-Disposition"))
	fmt.Println(w.Body)

	r.Header.Set("If-Modified-Since", w.Header().Get("Last-Modified"))
	w = httptest.NewRecorder()
	api.ServeHTTP(w, r)
	fmt.Println(w.Code)
	// Output:
	// 206 bytes 7-11/12 attachment; filename="report.txt"
	// bytes
	// 304
}
