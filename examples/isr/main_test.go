package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/examples/internal/smoke"
	"github.com/apiroutes/apiroutes/respond/pagecache"
)

func TestMain(m *testing.M) { smoke.Main(m, main) }

func TestBlog(t *testing.T) {
	for _, store := range []string{"memory", "disk"} {
		t.Run(store, func(t *testing.T) {
			dir := t.TempDir()
			walk(t, smoke.Start(t, "-store", store, "-dir", dir, "-secret", "a secret"))
		})
	}
}

func walk(t *testing.T, blog *smoke.Program) {
	expect := func(path, cache string, contains ...string) {
		t.Helper()
		a := blog.Do(t, "GET", path, "")
		require.Equal(t, http.StatusOK, a.Status)
		require.Equal(t, cache, a.Header.Get("X-Cache"))
		require.Contains(t, a.Header.Get("Server-Timing"), cache)
		for _, c := range contains {
			require.Contains(t, a.Body, c)
		}
	}
	for _, path := range []string{"/", "/posts/1", "/api/posts/1"} {
		expect(path, "MISS", "Hello")
		expect(path, "HIT", "Hello")
	}
	form := url.Values{"title": {"Goodbye <3"}, "body": {"A new text"}}.Encode()
	saved := blog.Do(t, "POST", "/posts/1", form, "Content-Type", "application/x-www-form-urlencoded")
	require.Equal(t, http.StatusSeeOther, saved.Status)
	require.Equal(t, "/posts/1", saved.Header.Get("Location"))
	expect("/posts/1", "HIT", "Goodbye &lt;3", "A new text", "Rendered at")
	expect("/", "HIT", "Goodbye")
	expect("/api/posts/1", "HIT", `"title":"Goodbye <3"`)
	edit := blog.Do(t, "GET", "/posts/1/edit", "")
	require.Contains(t, edit.Body, `value="Goodbye &lt;3"`)
	require.Empty(t, edit.Header.Get("X-Cache"))

	foreign := blog.Do(t, "POST", "/posts/1", form, "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "cross-site")
	require.Equal(t, http.StatusForbidden, foreign.Status)
	invalid := blog.Do(t, "POST", "/posts/1", "title=&body=x", "Content-Type", "application/x-www-form-urlencoded")
	require.Equal(t, http.StatusUnprocessableEntity, invalid.Status)
	require.Equal(t, http.StatusNotFound, blog.Do(t, "GET", "/posts/99", "").Status)
	require.Equal(t, http.StatusNotFound, blog.Do(t, "POST", "/posts/99", form, "Content-Type", "application/x-www-form-urlencoded").Status)

	hook, err := pagecache.NewHookRequest(t.Context(), blog.URL+"/hooks/pages", "a secret", pagecache.Change{ExpireTags: []string{"posts"}})
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(hook)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, http.StatusOK, res.StatusCode)
	expect("/posts/1", "REVALIDATED", "Goodbye")
}

// A page that is open is told of each post that is saved, under every router, and misses
// nothing between two connections.
func TestChanges(t *testing.T) {
	for _, router := range []string{"nethttp", "chi", "gin", "echo", "fiber"} {
		t.Run(router, func(t *testing.T) {
			blog := smoke.Start(t, "-router", router)
			save := func(path, title string) {
				t.Helper()
				saved := blog.Do(t, "POST", path, "title="+title+"&body=x", "Content-Type", "application/x-www-form-urlencoded")
				require.Equal(t, http.StatusSeeOther, saved.Status, saved.Body)
			}
			watch := func(path string, header ...string) (expect func(events string)) {
				req, err := http.NewRequestWithContext(t.Context(), "GET", blog.URL+path, nil)
				require.NoError(t, err)
				for i := 0; i < len(header); i += 2 {
					req.Header.Set(header[i], header[i+1])
				}
				res, err := http.DefaultClient.Do(req)
				require.NoError(t, err)
				t.Cleanup(func() { _ = res.Body.Close() })
				require.Equal(t, http.StatusOK, res.StatusCode)
				return func(events string) {
					t.Helper()
					got := make([]byte, len(events))
					_, err := io.ReadFull(res.Body, got)
					require.NoError(t, err)
					require.Equal(t, events, string(got))
				}
			}
			const (
				one = "id: 1\nevent: saved\ndata: {\"id\":3,\"title\":\"One\",\"body\":\"x\",\"change\":1}\n\n"
				two = "id: 2\nevent: saved\ndata: {\"id\":1,\"title\":\"Two\",\"body\":\"x\",\"change\":2}\n\n"
			)
			page := blog.Do(t, "GET", "/", "")
			require.Contains(t, page.Body, `new EventSource("/changes?after=0")`)
			expect := watch("/changes?after=0")
			save("/posts/3", "One")
			expect(one)
			require.Equal(t, "HIT", blog.Do(t, "GET", "/posts/3", "").Header.Get("X-Cache"), "who is told finds the new page")
			save("/posts/1", "Two")
			expect(two)
			watch("/changes?after=0")(one + two)
			watch("/changes?after=0", "Last-Event-ID", "1")(two)
		})
	}
}

// With -store disk, posts and pages survive a restart.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	var rendered string
	t.Run("first", func(t *testing.T) {
		blog := smoke.Start(t, "-store", "disk", "-dir", dir)
		a := blog.Do(t, "POST", "/posts/2", "title=Kept&body=on+disk", "Content-Type", "application/x-www-form-urlencoded")
		require.Equal(t, http.StatusSeeOther, a.Status)
		rendered = blog.Do(t, "GET", "/posts/2", "").Body
	})
	t.Run("second", func(t *testing.T) {
		blog := smoke.Start(t, "-store", "disk", "-dir", dir)
		a := blog.Do(t, "GET", "/posts/2", "")
		require.Equal(t, rendered, a.Body)
		require.Contains(t, []string{"HIT", "STALE"}, a.Header.Get("X-Cache"))
		require.Contains(t, blog.Do(t, "GET", "/posts/2/edit", "").Body, "Kept")
	})
}

// With -store redis, what is saved on one machine is never served old by the other.
func TestTwoMachines(t *testing.T) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("redis-server is not installed (Debian: apt-get install redis-server)")
	}
	addr := smoke.FreeAddr(t)
	_, port, err := net.SplitHostPort(addr)
	require.NoError(t, err)
	server := exec.Command(path, "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", t.TempDir())
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	dir := t.TempDir()
	a := smoke.Start(t, "-store", "redis", "-redis", addr, "-dir", dir)
	b := smoke.Start(t, "-store", "redis", "-redis", addr, "-dir", dir)
	shares := func() bool {
		hit := func(p *smoke.Program) bool { return p.Do(t, "GET", "/posts/1", "").Header.Get("X-Cache") == "HIT" }
		return hit(a) && hit(b)
	}
	require.Eventually(t, shares, 20*time.Second, 20*time.Millisecond, "the two share no pages")
	for i := range 20 {
		from, to := a, b
		if i%2 == 1 {
			from, to = b, a
		}
		title := fmt.Sprint("Title ", i)
		form := url.Values{"title": {title}, "body": {"x"}}.Encode()
		saved := from.Do(t, "POST", "/posts/1", form, "Content-Type", "application/x-www-form-urlencoded")
		require.Equal(t, http.StatusSeeOther, saved.Status, saved.Body)
		require.Contains(t, to.Do(t, "GET", "/posts/1", "").Body, title)
	}
}
