package diskstore

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond/pagecache"
)

var update = flag.Bool("update", false, "rewrite testdata/pages.db")

// storedKeys are the pages of testdata/pages.db, every third of which was deleted.
const storedKeys = 24

// storedImage is a small file that an earlier run has written.
func storedImage(t testing.TB) image {
	b, err := os.ReadFile("testdata/pages.db")
	require.NoError(t, err)
	return image{b, 1024}
}

// A file that was written before can be opened, and has its pages.
func TestOpensStoredFile(t *testing.T) {
	if *update {
		require.NoError(t, os.WriteFile("testdata/pages.db", goodImage(t, storedKeys, 8).b, 0o600))
	}
	path := filepath.Join(t.TempDir(), "pages.db")
	require.NoError(t, os.WriteFile(path, storedImage(t).b, 0o600))
	s, err := Open(path, nil)
	require.NoError(t, err)
	for i := range storedKeys {
		e, _, err := s.Get(t.Context(), numbered(i))
		require.NoError(t, err)
		require.Equal(t, i%3 != 0, e != nil, "page %d", i)
	}
	require.NoError(t, s.Close())
	require.NoFileExists(t, path+".damaged")
}

// FuzzCheck: see checkChanged.
func FuzzCheck(f *testing.F) {
	good := storedImage(f)
	f.Add([]byte{}, false, false)
	f.Add([]byte{0, 1, 0, 1}, false, false)
	f.Add(good.b[:3000], true, true)
	for id := range len(good.b) / 1024 {
		if id%8 == 0 { // with more of them, seconds go by before anything is changed
			for _, change := range changesOf(id) {
				f.Add(change, false, true)
			}
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, raw, seal bool) { checkChanged(t, good, b, raw, seal) })
}

// Each field of each page is changed.
func TestCheckChangedPages(t *testing.T) {
	good := storedImage(t)
	for id := range len(good.b) / 1024 {
		for _, change := range changesOf(id) {
			checkChanged(t, good, change, false, true)
		}
	}
}

// changesOf changes each field of a page in two ways.
func changesOf(id int) (changes [][]byte) {
	for _, field := range []int{0, atFlags, atCount, atOverflow, headerSize + 4, headerSize + 8, headerSize + 12, headerSize + atPages} {
		at := uint16(id*1024 + field)
		changes = append(changes, binary.LittleEndian.AppendUint16(nil, at+1), append(binary.LittleEndian.AppendUint16(nil, at), 2, 9))
	}
	return changes
}

// checkChanged changes good by b, or takes b in its place: no bytes make the check panic or
// take long, and a file that passes can be worked with, after which it passes again.
func checkChanged(t *testing.T, good image, b []byte, raw, seal bool) {
	m := image{bytes.Clone(b), good.size}
	if !raw {
		m.b = bytes.Clone(good.b)
		m.edit(b)
	}
	if seal {
		m.seal()
	}
	alarm := time.AfterFunc(20*time.Second, func() { panic("it takes too long") })
	defer alarm.Stop()
	if err := m.check(); err != nil {
		require.ErrorIs(t, err, errFile)
		return
	}
	path := filepath.Join(t.TempDir(), "pages.db")
	require.NoError(t, os.WriteFile(path, m.b, 0o600))
	s, err := Open(path, &Options{Log: slog.New(slog.DiscardHandler), Interval: time.Hour, Memory: -1, MaxBytes: 20_000})
	require.NoError(t, err)
	s.db.NoSync = true
	for round := range 3 {
		for i := range 2 * storedKeys {
			switch _, _, err := s.Get(t.Context(), numbered(i)); {
			case err != nil:
				require.ErrorIs(t, err, pagecache.ErrDamaged)
			case (i+round)%4 == 0:
				require.NoError(t, s.Delete(t.Context(), numbered(i)))
			default:
				if err := s.Put(t.Context(), numbered(i), s.page(i, i*i%1500)); err != nil {
					require.ErrorIs(t, err, pagecache.ErrSuperseded)
				}
			}
		}
		at, _ := s.Token(t.Context())
		require.NoError(t, s.Bump(t.Context(), pagecache.Bump{At: at, Marks: []string{fmt.Sprint("t:", round)}}))
	}
	require.NoError(t, s.Close())
	require.NoError(t, CheckFile(path))
	_, err = os.Stat(path + ".damaged")
	require.ErrorIs(t, err, fs.ErrNotExist)
}

// edit makes changes of four bytes each: where, what and with which value.
func (m *image) edit(changes []byte) {
	for ; len(changes) > 0; changes = changes[min(4, len(changes)):] {
		c := append(bytes.Clone(changes[:min(4, len(changes))]), 0, 0, 0)
		off := int(binary.LittleEndian.Uint16(c)) % (len(m.b) - 1024)
		switch c[2] % 4 {
		case 0:
			m.b[off] ^= c[3] | 1
		case 1:
			m.b[off] = c[3]
		case 2: // the id of a page
			m.put64(uint64(off), uint64(c[3]))
		default:
			from := int(c[3]) * 1024 % (len(m.b) - 1024)
			copy(m.b[off&^1023:][:1024], m.b[from&^1023:][:1024])
		}
	}
}
