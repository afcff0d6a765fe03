package redisstore

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// sealLen is the length of Options.Seal.
const sealLen = 32

// errNotOurs is wrapped into ErrDamaged for bytes that another key has sealed, or none.
var errNotOurs = errors.New("it is not sealed with Options.Seal: give all nodes the same one; if they have it, somebody else writes to the server")

// sealer names and seals pages. It is not modified after it was made.
type sealer struct {
	secret []byte // nil: pages are stored as they are
	mask   pagecache.Key
}

// newSealer keeps apart the pages of different programs and of different keys: they have
// other names, so that two programs with one prefix are never served each other's pages.
func newSealer(secret []byte, program string) sealer {
	h := sha256.New()
	h.Write([]byte(program))
	h.Write([]byte{0})
	if secret != nil {
		check, err := hkdf.Key(sha256.New, secret, nil, "apiroutes redisstore names", sealLen)
		if err != nil {
			panic(err) // the length is a constant that HKDF allows
		}
		h.Write(check)
	}
	s := sealer{secret: secret}
	copy(s.mask[:], h.Sum(nil))
	return s
}

// program names the main package that runs.
func program() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Path
	}
	return ""
}

// name is the name of a page within its epoch.
func (s *sealer) name(key pagecache.Key) string {
	for i := range key {
		key[i] ^= s.mask[i]
	}
	return hex.EncodeToString(key[:])
}

// cipher makes the cipher of an epoch; nil without a secret.
func (s *sealer) cipher(epoch string) cipher.AEAD {
	if s.secret == nil {
		return nil
	}
	key, err := hkdf.Key(sha256.New, s.secret, nil, "apiroutes redisstore pages "+epoch, sealLen)
	if err != nil {
		panic(err) // as above
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the key has a length that AES allows
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // AES has the block size that GCM needs
	}
	return aead
}

// encode makes the bytes of a page: its token, then the entry, sealed for its name.
func encode(aead cipher.AEAD, name string, e *pagecache.Entry) ([]byte, error) {
	b := hex.AppendEncode(nil, binary.BigEndian.AppendUint64(nil, uint64(e.Token)))
	if aead == nil {
		return e.AppendBinary(b)
	}
	plain, err := e.AppendBinary(nil)
	if err != nil {
		return nil, err
	}
	return aead.Seal(b, nil, plain, []byte(name)), nil
}

// decode reads what encode has made. An error wraps ErrDamaged.
func decode(aead cipher.AEAD, name string, b []byte) (*pagecache.Entry, error) {
	if len(b) < 16 {
		return nil, fmt.Errorf("%w: page %s is too short", pagecache.ErrDamaged, name)
	}
	token, b := string(b[:16]), b[16:]
	if aead != nil {
		plain, err := aead.Open(nil, nil, b, []byte(name))
		if err != nil {
			return nil, fmt.Errorf("%w: page %s: %w", pagecache.ErrDamaged, name, errNotOurs)
		}
		b = plain
	}
	e, err := pagecache.DecodeEntry(b)
	if err != nil {
		return nil, fmt.Errorf("page %s: %w", name, err)
	}
	if hex.EncodeToString(binary.BigEndian.AppendUint64(nil, uint64(e.Token))) != token {
		return nil, fmt.Errorf("%w: page %s has the token of another page", pagecache.ErrDamaged, name)
	}
	return e, nil
}
