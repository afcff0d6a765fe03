package judges

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/require"
)

const productJSON = `{"name":"Chair","level":"high","reason":"new","price":{"cents":"100","currency":"EUR"},"size":[1,2,3],"tags":["a"],
"labels":{"a":"b"},"parts":[],"made":"2024-02-29T01:02:03Z","lasts":"72h","photo":"YQ==","origin":"::1","away":"5km","anything":{"a":[1]},"note":null}`

// TestRequestsAndResponsesFitTheDocument sends requests to the API with every feature
// and has kin-openapi's filter hold each of them, and its answer, against the document:
// what the filter takes for valid is answered, and what it refuses is refused.
func TestRequestsAndResponsesFitTheDocument(t *testing.T) {
	doc := judged(t)["every-3.1.json"]
	loaded, err := openapi3.NewLoader().LoadFromData(doc)
	require.NoError(t, err)
	router, err := gorillamux.NewRouter(loaded)
	require.NoError(t, err)
	for _, media := range []string{"text/html", "image/png", "text/csv"} {
		openapi3filter.RegisterBodyDecoder(media, openapi3filter.FileBodyDecoder)
	}
	openapi3filter.RegisterBodyDecoder("application/csp-report", openapi3filter.JSONBodyDecoder)
	api := everyAPI("")
	for _, c := range []struct {
		method, path, media, body string
		header                    [2]string
		status                    int
	}{
		{"GET", "/products", "", "", [2]string{}, 200},
		{"GET", "/products?limit=5&tag=a&tag=b&level=low&since=2024-01-01T00:00:00Z&within=5m", "", "", [2]string{"X-Trace", "a987fbc9-4bed-3078-cf07-9141ba07c9f3"}, 200},
		{"GET", "/products?ids=1,2&made=2024-02-29&find[name]=chair&find[max]=5", "", "", [2]string{}, 200},
		{"GET", "/products?ids=1,x", "", "", [2]string{}, 422},
		{"GET", "/products?find[max]=x", "", "", [2]string{}, 422},
		{"GET", "/products?limit=0", "", "", [2]string{}, 422},
		{"POST", "/reports", "application/csp-report", `{"message":"no"}`, [2]string{}, 204},
		{"GET", "/products?limit=a", "", "", [2]string{}, 422},
		{"GET", "/products?level=middle", "", "", [2]string{}, 422},
		{"GET", "/products?tag=a&tag=b&tag=c&tag=d", "", "", [2]string{}, 422},
		{"GET", "/products", "", "", [2]string{"X-Trace", "1"}, 422},
		{"POST", "/products", "application/json", productJSON, [2]string{}, 201},
		{"POST", "/products", "application/json", strings.Replace(productJSON, "Chair", "C", 1), [2]string{}, 422},
		{"POST", "/products", "application/json", strings.Replace(productJSON, "EUR", "EURO", 1), [2]string{}, 422},
		{"POST", "/products", "application/json", strings.Replace(productJSON, `"note"`, `"notes"`, 1), [2]string{}, 422},
		{"POST", "/products", "application/json", strings.Replace(productJSON, `"high"`, `null`, 1), [2]string{}, 422},
		{"POST", "/products", "application/json", `{}`, [2]string{}, 422},
		{"POST", "/products", "text/plain", `{}`, [2]string{}, 415},
		{"GET", "/products/1", "", "", [2]string{}, 200},
		{"GET", "/products/2", "", "", [2]string{}, 308},
		{"GET", "/products/3", "", "", [2]string{}, 206},
		{"GET", "/products/4", "", "", [2]string{}, 404},
		{"GET", "/products/0", "", "", [2]string{}, 422},
		{"PATCH", "/products/1", "application/json", `{"name":null,"more":1}`, [2]string{"If-Match", `"a"`}, 200},
		{"PATCH", "/products/1", "application/json", `{"name":"a"}`, [2]string{}, 422},
		{"DELETE", "/products/1", "", "", [2]string{}, 204},
		{"DELETE", "/products/1", "", "", [2]string{"Authorization", "Bearer abc"}, 204},
		{"GET", "/products", "", "", [2]string{"Accept", "application/json"}, 200},
		{"PUT", "/files/a", "application/octet-stream", "hello", [2]string{}, 204},
		{"POST", "/contact", "application/x-www-form-urlencoded", "name=Ada&email=a@b.de&urgent=true", [2]string{}, 303},
		{"POST", "/contact", "application/x-www-form-urlencoded", "name=Ada", [2]string{}, 422},
		{"GET", "/levels", "", "", [2]string{}, 200},
		{"GET", "/page", "", "", [2]string{}, 200},
		{"GET", "/picture", "", "", [2]string{}, 200},
		{"GET", "/products.csv", "", "", [2]string{}, 200},
		{"GET", "/shape", "", "", [2]string{}, 200},
		{"POST", "/webhook", "application/json", productJSON, [2]string{"X-Signature", "a"}, 200},
	} {
		t.Run(c.method+" "+c.path+" "+c.body, func(t *testing.T) {
			request := func() *http.Request {
				r := httptest.NewRequest(c.method, "http://example.com/api/v1"+c.path, strings.NewReader(c.body))
				if c.media != "" {
					r.Header.Set("Content-Type", c.media)
				}
				if c.header[0] != "" {
					r.Header.Set(c.header[0], c.header[1])
				}
				return r
			}
			w := httptest.NewRecorder()
			api.ServeHTTP(w, request())
			require.Equal(t, c.status, w.Code, w.Body)

			r := request()
			r.URL.Scheme, r.URL.Host = "", "" // the document's server is relative
			route, params, err := router.FindRoute(r)
			require.NoError(t, err)
			input := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: &openapi3filter.Options{
				MultiError: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, // who asks is for middleware to find out
			}}
			err = openapi3filter.ValidateRequest(t.Context(), input)
			require.Equal(t, c.status/100 != 4 || c.status == 404, err == nil, "the filter says: %v", err)

			answer := &openapi3filter.ResponseValidationInput{RequestValidationInput: input, Status: w.Code, Header: w.Header(), Body: io.NopCloser(bytes.NewReader(w.Body.Bytes()))}
			require.NoError(t, openapi3filter.ValidateResponse(t.Context(), answer), w.Body)
		})
	}
}
