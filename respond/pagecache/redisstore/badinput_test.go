package redisstore_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/rueidis"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/respond/pagecache/redisstore"
	"github.com/apiroutes/apiroutes/respond/pagecache/storetest"
)

func TestOptions(t *testing.T) {
	client := rueidis.ClientOption{InitAddress: []string{"127.0.0.1:1"}}
	for want, opts := range map[string]redisstore.Options{
		"redisstore: Options.Prefix is empty: write a name for the cache, the same on all nodes":                                  {},
		"redisstore: Options.Prefix is \"a{b\": write at most 100 bytes without braces, spaces and control characters":            {Prefix: "a{b"},
		"redisstore: Options.Prefix is \"a b\": write at most 100 bytes without braces, spaces and control characters":            {Prefix: "a b"},
		"redisstore: Options.Lease is 1ms: write whole milliseconds from 20ms to 1m0s":                                            {Prefix: "a", Lease: time.Millisecond},
		"redisstore: Options.Lease is 30.5ms: write whole milliseconds from 20ms to 1m0s":                                         {Prefix: "a", Lease: 30500 * time.Microsecond},
		"redisstore: Options.Timeout is -1s: write how long one call may take":                                                    {Prefix: "a", Timeout: -time.Second},
		"redisstore: Options.MaxLog is -1: write a positive number":                                                               {Prefix: "a", MaxLog: -1},
		"redisstore: Options.Replicas is -1: write how many replicas are waited for":                                              {Prefix: "a", Replicas: -1},
		"redisstore: Options.Seal has 3 bytes: give it 32 random ones\nredisstore: Options.MaxLog is -1: write a positive number": {Prefix: "a", Seal: []byte("abc"), MaxLog: -1},
		"redisstore: Options.Seal has 0 bytes: give it 32 random ones":                                                            {Prefix: "a", Seal: []byte{}},
	} {
		_, err := redisstore.Open(client, &opts)
		for line := range strings.SplitSeq(want, "\n") {
			require.ErrorContains(t, err, line)
		}
	}
	_, err := redisstore.Open(client, nil)
	require.ErrorContains(t, err, "Options.Prefix is empty")
	_, err = redisstore.Open(rueidis.ClientOption{}, &redisstore.Options{Prefix: "a"})
	require.ErrorContains(t, err, "redisstore: ClientOption.InitAddress is empty: write the address of the server")
}

// isAway expects of a store without a server that every call fails soon, with a sentence
// that says what to do, and that the log has it too, once.
func isAway(t *testing.T, s *redisstore.Store, book *logBook, want string) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(book.String(), want) }, 10*time.Second, time.Millisecond,
		"the log does not say %q but %v", want, book)
	began := time.Now()
	require.ErrorContains(t, s.Ready(t.Context()), want)
	_, _, err := s.Get(t.Context(), key("a"))
	require.ErrorContains(t, err, want)
	_, err = s.Token(t.Context())
	require.ErrorContains(t, err, want)
	require.ErrorContains(t, s.Put(t.Context(), key("a"), page(1, "a")), want)
	require.ErrorContains(t, s.Bump(t.Context(), pagecache.Bump{At: 1, Hard: true, Marks: []string{"t:x"}}), want)
	_, _, done, err := s.Claim(t.Context(), key("a"))
	require.ErrorContains(t, err, want)
	require.Nil(t, done)
	_, ok := s.Peek(key("a"))
	require.False(t, ok)
	require.Less(t, time.Since(began), 2*time.Second)
	require.Equal(t, 1, strings.Count(book.String(), want), "the log repeats itself: %v", book)
}

// start opens a store without waiting for a lease.
func start(t *testing.T, client rueidis.ClientOption, opts redisstore.Options) (*redisstore.Store, *logBook) {
	t.Helper()
	book := &logBook{}
	opts.Log = book.logger()
	if opts.Prefix == "" {
		opts.Prefix = "test"
	}
	s, err := redisstore.Open(client, &opts)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s, book
}

// A server that is away when the store is opened is reached when it is there, goes again,
// and comes back.
func TestServerAwayAtStart(t *testing.T) {
	t.Parallel()
	srv := startRedis(t)
	srv.kill()
	s, book := start(t, srv.option(), redisstore.Options{})
	isAway(t, s, book, "the server does not answer")
	srv.start()
	ready(t, s)
	put(t, s, "a", "a", "p:/a")
	require.Equal(t, "a"+current, got(t, s, "a"))
	srv.kill()
	require.Eventually(t, func() bool { return s.Ready(t.Context()) != nil }, 5*time.Second, time.Millisecond)
	_, _, err := s.Get(t.Context(), key("a"))
	require.ErrorContains(t, err, "the server does not answer")
	srv.start()
	ready(t, s)
	require.Equal(t, "nothing", got(t, s, "a"))
	require.Contains(t, book.String(), "the server answers again")
}

// With several addresses, one of them has to answer before there is a client.
func TestServersAwayForEver(t *testing.T) {
	t.Parallel()
	s, book := start(t, rueidis.ClientOption{InitAddress: []string{freeAddr(t), freeAddr(t)}}, redisstore.Options{})
	isAway(t, s, book, "the server does not answer")
}

// A server that accepts and says nothing costs one deadline, and nothing while the
// circuit is open.
func TestHangingServer(t *testing.T) {
	srv := startRedis(t)
	link := startProxy(t, srv.addr)
	s, book := start(t, rueidis.ClientOption{InitAddress: []string{link.addr}}, redisstore.Options{Timeout: 200 * time.Millisecond, Lease: 10 * time.Second, Memory: -1})
	ready(t, s)
	put(t, s, "a", "a", "p:/a")
	link.blackHole(true)
	began := time.Now()
	_, _, err := s.Get(t.Context(), key("a"))
	require.ErrorContains(t, err, "the server does not answer in time")
	require.Less(t, time.Since(began), 390*time.Millisecond, "more than one deadline")
	began = time.Now()
	for range 1000 {
		_, _, err = s.Get(t.Context(), key("a"))
		require.ErrorContains(t, err, "pages are rendered until it does")
		_, err = s.Token(t.Context())
		require.Error(t, err)
	}
	require.Less(t, time.Since(began), 100*time.Millisecond, "an open circuit costs nothing")
	require.Contains(t, book.String(), "Options.Timeout bounds a call")
	link.blackHole(false)
	require.Eventually(t, func() bool { _, _, err := s.Get(t.Context(), key("a")); return err == nil }, 10*time.Second, 5*time.Millisecond)
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	srv := startRedis(t, "--requirepass", "secret")
	for _, c := range []struct{ user, password, want string }{
		{"", "wrong", "the server refuses the name or the password"},
		{"nobody", "secret", "the server refuses the name or the password"},
		{"", "", "the server wants a password"},
	} {
		option := srv.option()
		option.Username, option.Password = c.user, c.password
		s, book := start(t, option, redisstore.Options{})
		isAway(t, s, book, c.want)
	}
	option := srv.option()
	option.Password = "secret"
	open(t, option, redisstore.Options{}).Close()
}

// commands is all that a user needs; the guide lists them.
const commands = "+hello +ping +evalsha +eval +info +time" +
	" +hmget +hget +hgetall +hset +hdel +hlen +hincrby +xadd +xlen +xrange +xtrim" +
	" +spublish +ssubscribe +sunsubscribe +get +getrange +set +pttl +pexpire +del"

func TestGuideListsCommands(t *testing.T) {
	guide, err := os.ReadFile("../../../docs/guide/several-machines.md")
	require.NoError(t, err)
	require.Contains(t, string(guide), " "+commands+"\n")
}

// user makes a user with the commands, without those of less, and returns the client's
// options for it.
func (s *server) user(name string, less ...string) rueidis.ClientOption {
	s.t.Helper()
	args := append([]string{"ACL", "SETUSER", name, "reset", "on", ">secret", "~test*", "~{test*", "&{test*"}, strings.Fields(commands)...)
	for _, l := range less {
		args = append(args, "-"+l)
	}
	s.do(args...)
	option := s.option()
	option.Username, option.Password = name, "secret"
	return option
}

// The suite passes as a user with the commands of the guide, and on a Valkey server too.
func TestAccessList(t *testing.T) {
	t.Parallel()
	for _, path := range servers(t) {
		srv := startServer(t, path)
		var names prefixes
		names.prepare(t, srv.user("pages"), srv.settled, 40)
		var last string
		storetest.Run(t, func(t *testing.T) pagecache.Store {
			last = names.next(t)
			return open(t, srv.user("pages"), redisstore.Options{Prefix: last, Lease: suiteLease})
		}, &storetest.Options{Reopen: func(t *testing.T, s pagecache.Store) pagecache.Store {
			require.NoError(t, s.Close())
			return open(t, srv.user("pages"), redisstore.Options{Prefix: last, Lease: suiteLease})
		}})
		require.Equal(t, "0", srv.do("ACL", "LOG"), "something was refused without harm: the list is too short all the same")
	}
}

// Without one of the commands the log says what to do, nothing is stale, and nothing hangs.
func TestNoPermission(t *testing.T) {
	t.Parallel()
	const want = "the user may not do what the store needs"
	for _, command := range strings.Fields(commands) {
		command = strings.TrimPrefix(command, "+")
		if slices.Contains([]string{"hello", "ping", "sunsubscribe"}, command) {
			continue // the client library does without
		}
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			srv := startRedis(t)
			s, book := start(t, srv.user("less", command), redisstore.Options{Lease: 100 * time.Millisecond, MaxLog: 1, Memory: -1})
			other := open(t, srv.option(), redisstore.Options{Lease: 100 * time.Millisecond, Memory: -1})
			defer other.Close()
			require.Eventually(t, func() bool {
				at, err := other.Token(t.Context())
				if err != nil || other.Put(t.Context(), key("a"), page(at, "a", "p:/a")) != nil {
					return false
				}
				before, _, _ := s.Get(t.Context(), key("a"))
				if other.Bump(t.Context(), pagecache.Bump{At: at + 1, Hard: true, Marks: []string{"p:/a"}}) == nil && before != nil {
					e, v, err := s.Get(t.Context(), key("a"))
					require.False(t, err == nil && e != nil && v == pagecache.Current, "an old page")
				}
				if mine, err := s.Token(t.Context()); err == nil {
					_ = s.Put(t.Context(), key("b"), page(mine, "b", "p:/b"))
					_ = s.Bump(t.Context(), pagecache.Bump{At: mine, Marks: []string{"t:x"}})
					_ = s.Delete(t.Context(), key("b"))
				}
				if _, _, done, err := s.Claim(t.Context(), key("c")); err == nil && done != nil {
					time.Sleep(110 * time.Millisecond) // it is prolonged
					done()
				}
				if command == "hget" || command == "hdel" {
					require.NoError(t, s.Close()) // only a node that leaves needs them
				}
				return strings.Contains(book.String(), want)
			}, 10*time.Second, time.Millisecond, "the log does not say it")
			require.Contains(t, book.String(), `the guide \"Several machines\" lists`)
		})
	}
}

// answering is a server that gives the same answer to everything.
func answering(t *testing.T, answer string) rueidis.ClientOption {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				r := bufio.NewReader(c)
				for {
					line, err := r.ReadString('\n')
					if err != nil {
						return
					}
					var args int
					if _, err := fmt.Sscanf(line, "*%d", &args); err != nil {
						continue
					}
					for range 2 * args {
						if _, err := r.ReadString('\n'); err != nil {
							return
						}
					}
					if _, err := io.WriteString(c, answer); err != nil {
						return
					}
				}
			}()
		}
	}()
	return rueidis.ClientOption{InitAddress: []string{l.Addr().String()}}
}

func TestOtherServers(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		"-ERR unknown command\r\n": "use Redis 7 or Valkey 7.2, or a later one, and rename no commands",
		"-ERR Error compiling script (new function): user_script:1: unexpected symbol near '#'\r\n": "the server is too old",
		"-LOADING Redis is loading the dataset in memory\r\n":                                       "the server is still loading its data",
		"-READONLY You can't write against a read only replica.\r\n":                                "give the address of the primary, or use Sentinel",
		"-MISCONF Redis is configured to save RDB snapshots, but\r\n":                               "its disk is likely full",
		"-MOVED 1 127.0.0.1:1\r\n":                                                                  "give at least two addresses of it in InitAddress",
		"-CLUSTERDOWN The cluster is down\r\n":                                                      "bring the missing masters back",
		"-NOREPLICAS Not enough good replicas\r\n":                                                  "bring a replica back; until then nothing can be revalidated",
		"-OOM command not allowed when used memory\r\n":                                             "set maxmemory-policy to volatile-lru",
		"+OK\r\n":                          "answers what the store does not understand",
		"HTTP/1.1 400 Bad Request\r\n\r\n": "correct InitAddress",
		"*2\r\n$1\r\na\r\n:1\r\n":          "answers what the store does not understand",
	} {
		t.Run(strings.TrimSpace(answer), func(t *testing.T) {
			t.Parallel()
			s, book := start(t, answering(t, answer), redisstore.Options{})
			isAway(t, s, book, want)
		})
	}
}

// Keys of others under the store's names are left alone, and named.
func TestForeignKeys(t *testing.T) {
	t.Parallel()
	srv := startRedis(t)
	for _, c := range []struct {
		name, want, key string
		make            []string
	}{
		{"text for the hash", "choose another Prefix, or delete the keys {test}:c and {test}:log", "{test}:c", []string{"SET", "{test}:c", "x"}},
		{"list for the log", "choose another Prefix, or delete the keys {test}:c and {test}:log", "{test}:log", []string{"RPUSH", "{test}:log", "x"}},
		{"another hash", "the key {test}:c is not of this version of the store", "{test}:c", []string{"HSET", "{test}:c", "name", "x"}},
		{"another version", "run one version on all nodes, choose another Prefix, or delete the key", "{test}:c", []string{"HSET", "{test}:c", "format", "2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv.do("FLUSHALL")
			srv.do(c.make...)
			s, book := start(t, srv.option(), redisstore.Options{})
			isAway(t, s, book, c.want)
			require.Equal(t, "1", srv.do("EXISTS", c.key))
			srv.do("DEL", c.key)
			ready(t, s)
			put(t, s, "a", "a", "p:/a")
			require.Equal(t, "a"+current, got(t, s, "a"))
		})
	}
}

// pageKeys are the names of the pages on the server.
func (s *server) pageKeys() []string {
	s.t.Helper()
	return strings.Fields(s.do("EVAL", "return table.concat(redis.call('KEYS', 'test:*'), ' ')", "0"))
}

// A page that is not what was put is damaged, whoever wrote it.
func TestDamagedPages(t *testing.T) {
	t.Parallel()
	srv := startRedis(t)
	for name, seal := range map[string][]byte{"plain": nil, "sealed": []byte("01234567890123456789012345678901")} {
		for what, harm := range map[string][]string{
			"text":        {"SET", "PAGE", "nothing of ours, but as long as a token and more"},
			"short":       {"SET", "PAGE", "x"},
			"empty":       {"SET", "PAGE", ""},
			"one byte":    {"SETRANGE", "PAGE", "70", "\x01"},
			"token":       {"SETRANGE", "PAGE", "0", "000fffffffffffff"},
			"longer":      {"APPEND", "PAGE", "x"},
			"a list":      {"EVAL", "redis.call('DEL', KEYS[1]) return redis.call('RPUSH', KEYS[1], 'x')", "1", "PAGE"},
			"other place": {"EVAL", "return redis.call('SET', KEYS[1], redis.call('GET', KEYS[2]))", "2", "PAGE", "OTHER"},
		} {
			if what == "other place" && seal == nil {
				continue // the cache compares the tuple
			}
			t.Run(name+"/"+what, func(t *testing.T) {
				srv.do("FLUSHALL")
				s := open(t, srv.option(), redisstore.Options{Memory: -1, Seal: seal})
				defer s.Close()
				put(t, s, "a", strings.Repeat("a", 100), "p:/a")
				stored := srv.pageKeys()
				require.Len(t, stored, 1)
				put(t, s, "b", strings.Repeat("a", 100), "p:/a")
				other := strings.Replace(strings.Join(srv.pageKeys(), ""), stored[0], "", 1)
				args := make([]string, len(harm))
				for i, a := range harm {
					args[i] = strings.NewReplacer("PAGE", stored[0], "OTHER", other).Replace(a)
				}
				srv.do(args...)
				_, _, err := s.Get(t.Context(), key("a"))
				require.ErrorIs(t, err, pagecache.ErrDamaged)
				if seal != nil && what == "one byte" {
					require.ErrorContains(t, err, "give all nodes the same one")
				}
				require.NoError(t, s.Delete(t.Context(), key("a")))
				require.Equal(t, "nothing", got(t, s, "a"))
				put(t, s, "a", "again", "p:/a")
				require.Equal(t, "again"+current, got(t, s, "a"))
			})
		}
	}
}

// Nodes with different seals do not see each other's pages, and damage none; what one
// revalidates, the others know.
func TestSeals(t *testing.T) {
	t.Parallel()
	srv := startRedis(t)
	var stores []*redisstore.Store
	for _, seal := range []string{"", "01234567890123456789012345678901", "x1234567890123456789012345678901"} {
		opts := redisstore.Options{Memory: -1}
		if seal != "" {
			opts.Seal = []byte(seal)
		}
		s := open(t, srv.option(), opts)
		defer s.Close()
		require.Equal(t, "nothing", got(t, s, "a"))
		put(t, s, "a", "of "+seal, "p:/a")
		stores = append(stores, s)
	}
	require.Len(t, srv.pageKeys(), 3)
	require.Equal(t, "of "+current, got(t, stores[0], "a"))
	require.Equal(t, "of 01234567890123456789012345678901"+current, got(t, stores[1], "a"))
	for _, k := range srv.pageKeys() {
		if text := srv.do("GET", k); strings.Contains(text, "of x1") || strings.Contains(text, "of 01") {
			t.Errorf("a sealed page can be read: %q", text)
		}
	}
	bump(t, stores[0], true, "p:/a")
	for _, s := range stores {
		require.Contains(t, got(t, s, "a"), expired)
	}
}

// A full server keeps the control state going, and pages in the memory of their node.
func TestFullServer(t *testing.T) {
	t.Parallel()
	srv := startRedis(t)
	book := &logBook{}
	s := open(t, srv.option(), redisstore.Options{Log: book.logger()})
	defer s.Close()
	srv.do("CONFIG", "SET", "maxmemory", "1mb")
	put(t, s, "a", "a", "p:/a")
	require.Equal(t, "a"+current, got(t, s, "a"))
	require.Empty(t, srv.pageKeys())
	bump(t, s, true, "p:/a")
	require.Equal(t, "a"+expired, got(t, s, "a"))
	require.NoError(t, s.Ready(t.Context()))
	require.Contains(t, book.String(), "the server's memory is full")
}

// ServeStale does what it says: it answers from memory while the server is away.
func TestServeStale(t *testing.T) {
	t.Parallel()
	srv := startRedis(t)
	s := open(t, srv.option(), redisstore.Options{ServeStale: true, Lease: 500 * time.Millisecond})
	defer s.Close()
	put(t, s, "a", "a", "p:/a")
	srv.kill()
	require.Eventually(t, func() bool { return !s.Stats().Leased }, 5*time.Second, time.Millisecond)
	require.Equal(t, "a"+current, got(t, s, "a"))
	_, _, err := s.Get(context.WithoutCancel(t.Context()), key("b"))
	require.Error(t, err)
	require.Error(t, s.Bump(t.Context(), pagecache.Bump{At: 1 << 60, Hard: true, Marks: []string{"p:/a"}}))
	require.Equal(t, "a"+expired, got(t, s, "a"), "what this node was told of is not served")
}

// Another program under the same prefix is told of.
func TestSharedPrefix(t *testing.T) {
	t.Parallel()
	srv := startRedis(t)
	a := open(t, srv.option(), redisstore.Options{})
	defer a.Close()
	for _, field := range strings.Fields(srv.do("EVAL", "return table.concat(redis.call('HKEYS', '{test}:c'), ' ')", "0")) {
		if strings.HasPrefix(field, "i:") {
			srv.do("HSET", "{test}:c", field, "example.com/other")
		}
	}
	book := &logBook{}
	b := open(t, srv.option(), redisstore.Options{Log: book.logger()})
	defer b.Close()
	require.Contains(t, book.String(), "give each API a Prefix of its own")
	require.Contains(t, book.String(), "other=example.com/other")
}
