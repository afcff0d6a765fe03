package typed

import (
	"io"

	"github.com/apiroutes/apiroutes/internal/upload"
)

// File is a file that comes with a request of the media type multipart/form-data
// (RFC 7578), in a field tagged form:
//
//	Avatar typed.File   `form:"avatar" accept:"image/png,image/jpeg" maxsize:"5MB"`
//	Extras []typed.File `form:"extra" validate:"max=3"`
//
// The zero File is absent, which is also what the file input of a form sends when nothing
// was chosen; a *File is nil then, and the rule required refuses it. The tag accept lists
// the media types that it may have, by its content, and maxsize bounds it, in bytes or
// with kB, MB and GB, powers of 1000.
//
// A file of more than 64 KiB is in a temporary file, in the folder os.TempDir says, which
// is removed when the request has been answered: a handler that keeps a File keeps
// what it read of it. Until then it is safe for concurrent use, as its copies are.
type File upload.File

// NewFile makes a File of content at hand, for tests and for clients that send one. It
// measures content, and reads its first bytes for Type. The File reads from content as long
// as it is used; what fails meanwhile, Open or reading tells. Without a name, and without
// bytes, a server takes it for absent.
func NewFile(name string, content io.ReadSeeker) File { return File(upload.New(name, content)) }

// Open begins to read the file. Each call reads from the start, by itself. What it returns
// ends with the request, so that Close may be forgotten. The error is that the file is
// absent; reading fails after the request has been answered.
func (f File) Open() (io.ReadSeekCloser, error) { return upload.File(f).Open() }

// Name is what the client calls the file: a base name of at most 255 bytes, without
// separators, control characters and marks that turn the direction of text. It may be
// empty, and two files may have the same one: do not store a file under it alone.
func (f File) Name() string { return upload.File(f).Name() }

// Size is the length of the file in bytes; 0 if it is absent.
func (f File) Size() int64 { return upload.File(f).Size() }

// Type is the media type of the file, without parameters. The content decides, not what the
// client says of it: see http.DetectContentType. It is application/octet-stream where the
// content has no known form, and empty if the file is absent.
func (f File) Type() string { return upload.File(f).Type() }
