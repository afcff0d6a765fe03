package typed_test

import (
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/typed"
)

// seekOnly hides what a reader can beside reading and seeking.
type seekOnly struct{ io.ReadSeeker }

func TestNewFile(t *testing.T) {
	const png = "\x89PNG\x0D\x0A\x1A\x0A and more"
	for name, content := range map[string]io.ReadSeeker{"a reader at any place": strings.NewReader(png), "one that seeks": seekOnly{strings.NewReader(png)}} {
		t.Run(name, func(t *testing.T) {
			f := typed.NewFile("../cat.png", content)
			require.Equal(t, "cat.png", f.Name())
			require.Equal(t, int64(len(png)), f.Size())
			require.Equal(t, "image/png", f.Type())
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					r, err := f.Open()
					if err != nil {
						t.Error(err)
						return
					}
					if err := iotest.TestReader(r, []byte(png)); err != nil {
						t.Error(err)
					}
					if err := r.Close(); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
		})
	}
}

func TestAbsentFile(t *testing.T) {
	var f typed.File
	_, err := f.Open()
	require.ErrorContains(t, err, "there is no file")
	require.Equal(t, typed.File{}, f)
	require.Zero(t, f.Name()+f.Type())
	require.Zero(t, f.Size())
}

// broken fails to seek, or to read.
type broken struct{ seek, read error }

func (b broken) Seek(int64, int) (int64, error) { return 9, b.seek }
func (b broken) Read([]byte) (int, error)       { return 0, b.read }

func TestBrokenFile(t *testing.T) {
	errDisk := errors.New("the disk is gone")
	for _, b := range []broken{{seek: errDisk}, {read: errDisk}} {
		_, err := typed.NewFile("a", b).Open()
		require.ErrorIs(t, err, errDisk)
	}
}
