package pagecache

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// signatureScheme begins a signature, so that another scheme can follow.
const signatureScheme = "v1="

// message is what a webhook's signature covers.
type message struct {
	method, path, timestamp, nonce string
	body                           []byte
}

// sign returns the signature in hexadecimal. The parts are preceded by their lengths:
// no two messages have the same bytes.
func (m message) sign(secret []byte) string {
	mac := hmac.New(sha256.New, secret)
	var b []byte
	for _, part := range [...]string{m.method, m.path, m.timestamp, m.nonce} {
		b = appendBytes(b, part)
	}
	mac.Write(appendBytes(b, m.body))
	return signatureScheme + hex.EncodeToString(mac.Sum(nil))
}

// signedBy takes the same time whichever secret fits, and if none does.
func (m message) signedBy(secrets [][]byte, signature string) bool {
	found := false
	for _, s := range secrets {
		if hmac.Equal([]byte(m.sign(s)), []byte(strings.ToLower(signature))) {
			found = true
		}
	}
	return found
}

// NewHookRequest makes a signed request to a webhook made with [Hook], at an absolute
// URL. Send it soon: it is good for five minutes, and once. The path of url is signed as
// the server sees it; a proxy that rewrites it breaks the signature.
func NewHookRequest(ctx context.Context, url, secret string, ch Change) (*http.Request, error) {
	body, err := json.Marshal(ch)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	m := message{r.Method, r.URL.EscapedPath(), strconv.FormatInt(time.Now().Unix(), 10), rand.Text(), body}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Apiroutes-Timestamp", m.timestamp)
	r.Header.Set("X-Apiroutes-Nonce", m.nonce)
	r.Header.Set("X-Apiroutes-Signature", m.sign([]byte(secret)))
	return r, nil
}
