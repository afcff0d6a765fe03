package redisstore_test

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/rueidis"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/respond/pagecache/redisstore"
	"github.com/apiroutes/apiroutes/typed"
)

// nodeVariable holds the configuration of a node; a test binary that has it is one.
const nodeVariable = "REDISSTORE_NODE"

// nodeConfig is what a node needs to know.
type nodeConfig struct {
	Server  string // the address of its proxy
	Origin  string // where its data is
	Options redisstore.Options
	Publish bool // the control: bumps are published, and not waited for
}

func TestMain(m *testing.M) {
	if config := os.Getenv(nodeVariable); config != "" {
		if err := runNode(config); err != nil {
			fmt.Fprintln(os.Stderr, "node:", err)
			os.Exit(1)
		}
		return
	}
	// The tests wait more than they work: for leases, and for servers to start.
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

type getValue struct {
	ID string `path:"id"`
}

// runNode serves pages until its standard input ends, that is, the test.
func runNode(config string) error {
	var c nodeConfig
	if err := json.Unmarshal([]byte(config), &c); err != nil {
		return err
	}
	c.Options.Log = slog.New(slog.DiscardHandler)
	if os.Getenv("REDISSTORE_LOG") != "" {
		c.Options.Log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	var (
		store pagecache.Store
		stats = func() redisstore.Stats { return redisstore.Stats{Leased: true} }
	)
	option := rueidis.ClientOption{InitAddress: []string{c.Server}}
	if c.Publish {
		var err error
		if store, err = openPublishOnly(option, c.Options.Prefix); err != nil {
			return err
		}
	} else {
		s, err := redisstore.Open(option, &c.Options)
		if err != nil {
			return err
		}
		store, stats = s, s.Stats
	}
	cache := pagecache.New(store, &pagecache.Options{Build: "harness", Log: c.Options.Log})
	api := typed.New("Harness", "1.0.0", &typed.Options{Pages: cache})
	var renders atomic.Int64
	origin := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}
	typed.Handle(api, "GET /p/{id}", typed.Func(func(ctx context.Context, in getValue) (string, error) {
		renders.Add(1)
		return fetchText(ctx, origin, c.Origin+"/v/"+in.ID)
	}), typed.Cache(pagecache.Policy{TTL: time.Hour, Tags: []string{"t:{id}"}}))

	mux := http.NewServeMux()
	mux.Handle("/", api)
	mux.HandleFunc("POST /revalidate/{id}", func(w http.ResponseWriter, r *http.Request) {
		if err := cache.Revalidate(r.Context(), "/p/"+r.PathValue("id")); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("POST /expire/{id}", func(w http.ResponseWriter, r *http.Request) {
		if err := cache.ExpireTag(r.Context(), "t:"+r.PathValue("id")); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(nodeStats{stats(), renders.Load()})
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cache.Close()
		os.Exit(0)
	}()
	return http.Serve(l, mux)
}

type nodeStats struct {
	redisstore.Stats
	Renders int64
}

func fetchText(ctx context.Context, c *http.Client, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return "", err
	}
	res, err := c.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %s", res.StatusCode, b)
	}
	return strings.TrimSpace(string(b)), err
}

// node is a process with its way to the server.
type node struct {
	t     testing.TB
	proxy *proxy
	conf  nodeConfig
	http  *http.Client

	mu    sync.Mutex
	addr  string // empty: it is down
	cmd   *exec.Cmd
	stdin io.Closer
}

func startNode(t testing.TB, conf nodeConfig, server string) *node {
	t.Helper()
	n := &node{t: t, proxy: startProxy(t, server), conf: conf,
		http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}, Timeout: 30 * time.Second}}
	n.conf.Server = n.proxy.addr
	n.start()
	t.Cleanup(func() {
		n.kill()
		n.http.CloseIdleConnections()
	})
	return n
}

func (n *node) start() {
	n.t.Helper()
	b, err := json.Marshal(n.conf)
	require.NoError(n.t, err)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), nodeVariable+"="+string(b), "GOMAXPROCS=2")
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stdin, err := cmd.StdinPipe()
	require.NoError(n.t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(n.t, err)
	require.NoError(n.t, cmd.Start())
	line := bufio.NewScanner(out)
	require.True(n.t, line.Scan(), "the node says nothing")
	n.mu.Lock()
	defer n.mu.Unlock()
	n.addr, n.cmd, n.stdin = line.Text(), cmd, stdin
}

// kill is kill -9.
func (n *node) kill() {
	n.mu.Lock()
	cmd := n.cmd
	n.addr, n.cmd = "", nil
	n.mu.Unlock()
	if cmd != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
}

func (n *node) signal(sig syscall.Signal) {
	n.mu.Lock()
	defer n.mu.Unlock()
	require.NoError(n.t, n.cmd.Process.Signal(sig))
}

// where is the address of the process that runs now, or empty.
func (n *node) where() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.addr
}

// read gets a page. running is false when the process was killed meanwhile.
func (n *node) read(id int) (text, status string, running bool, err error) {
	addr := n.where()
	if addr == "" {
		return "", "", false, nil
	}
	res, err := n.http.Get(fmt.Sprintf("http://%s/p/%d", addr, id))
	if err != nil {
		return "", "", n.where() == addr, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %s", res.StatusCode, b)
	}
	return strings.Trim(strings.TrimSpace(string(b)), `"`), res.Header.Get("Cache-Status"), n.where() == addr, err
}

// change asks for a revalidation.
func (n *node) change(what string, id int) error {
	addr := n.where()
	if addr == "" {
		return errDown
	}
	res, err := n.http.Post(fmt.Sprintf("http://%s/%s/%d", addr, what, id), "", nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %s", res.StatusCode, b)
	}
	return err
}

var errDown = fmt.Errorf("the node is down")

func (n *node) stats() (s nodeStats) {
	n.t.Helper()
	res, err := n.http.Get("http://" + n.where() + "/stats")
	require.NoError(n.t, err)
	defer res.Body.Close()
	require.NoError(n.t, json.NewDecoder(res.Body).Decode(&s))
	return s
}

// awaitLease returns when the node serves pages.
func (n *node) awaitLease() {
	n.t.Helper()
	require.Eventually(n.t, func() bool { return n.stats().Leased }, 20*time.Second, 10*time.Millisecond, "the node gets no lease")
}
