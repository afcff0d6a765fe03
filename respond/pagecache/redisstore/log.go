package redisstore

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/rueidis"

	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// logEntry is a bump with its number in the log and the node that made it.
type logEntry struct {
	seq  uint64
	node string
	bump pagecache.Bump
}

// appendMarks writes marks, which may hold any byte, each preceded by its length.
func appendMarks(b []byte, marks []string) []byte {
	for _, m := range marks {
		b = binary.AppendUvarint(b, uint64(len(m)))
		b = append(b, m...)
	}
	return b
}

// parseMarks reads what appendMarks has written.
func parseMarks(b string) (marks []string, ok bool) {
	for b != "" {
		n, size := binary.Uvarint([]byte(b[:min(len(b), binary.MaxVarintLen64)]))
		if size <= 0 || n > uint64(len(b)-size) {
			return nil, false
		}
		marks = append(marks, b[size:size+int(n)])
		b = b[size+int(n):]
	}
	return marks, true
}

// parseEntry makes a bump of the texts in the log or in a message.
func parseEntry(seq, node, at, hard, marks string) (e logEntry, err error) {
	var ok bool
	e = logEntry{node: node, bump: pagecache.Bump{Hard: hard == "1"}}
	if e.seq, err = strconv.ParseUint(seq, 10, 64); err != nil {
		return e, fmt.Errorf("redisstore: the number of a bump: %w", err)
	}
	token, err := strconv.ParseUint(at, 10, 64)
	if err != nil {
		return e, fmt.Errorf("redisstore: the token of a bump: %w", err)
	}
	e.bump.At = pagecache.Token(token)
	if e.bump.Marks, ok = parseMarks(marks); !ok {
		return e, fmt.Errorf("redisstore: the marks of bump %s are damaged", seq)
	}
	return e, nil
}

// parseMessage reads what bumpText publishes.
func parseMessage(m string) (epoch string, e logEntry, err error) {
	f := strings.SplitN(m, " ", 6)
	if len(f) != 6 {
		return "", e, fmt.Errorf("redisstore: a message has %d parts", len(f))
	}
	e, err = parseEntry(f[1], f[2], f[3], f[4], f[5])
	return f[0], e, err
}

// parseBeat reads what beatText returns.
func parseBeat(reply []rueidis.RedisMessage) (r beatReply, err error) {
	if len(reply) != 10 {
		return r, fmt.Errorf("redisstore: the answer to a beat has %d parts", len(reply))
	}
	text := func(i int) string {
		s, terr := reply[i].ToString()
		if terr != nil && err == nil {
			err = terr
		}
		return s
	}
	number := func(i int) uint64 {
		n, nerr := strconv.ParseUint(text(i), 10, 64)
		if nerr != nil && err == nil {
			err = fmt.Errorf("redisstore: part %d of the answer to a beat: %w", i, nerr)
		}
		return n
	}
	r = beatReply{
		epoch: text(0), seq: number(1), low: number(2), floor: pagecache.Token(number(3)), softFloor: pagecache.Token(number(4)),
		settled: text(5) == "1", lease: time.Duration(number(6)) * time.Millisecond,
	}
	if err != nil {
		return r, err
	}
	if r.others, err = reply[9].AsStrSlice(); err != nil {
		return r, err
	}
	if r.members, err = reply[7].AsInt64(); err != nil {
		return r, err
	}
	entries, err := reply[8].ToArray()
	if err != nil {
		return r, err
	}
	for _, m := range entries {
		e, err := parseLogged(m)
		if err != nil {
			return r, err
		}
		r.bumps = append(r.bumps, e)
	}
	return r, nil
}

// parseLogged reads an entry of the log: its id, then names and values in turn.
func parseLogged(m rueidis.RedisMessage) (logEntry, error) {
	parts, err := m.ToArray()
	if err != nil || len(parts) != 2 {
		return logEntry{}, fmt.Errorf("redisstore: an entry of the log is damaged (%w)", err)
	}
	id, err := parts[0].ToString()
	if err != nil {
		return logEntry{}, err
	}
	f, err := parts[1].AsStrSlice()
	if err != nil || len(f) != 8 {
		return logEntry{}, fmt.Errorf("redisstore: entry %s of the log is damaged (%w)", id, err)
	}
	seq, _, _ := strings.Cut(id, "-")
	return parseEntry(seq, f[1], f[3], f[5], f[7])
}
