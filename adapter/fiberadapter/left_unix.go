//go:build unix

package fiberadapter

import (
	"net"
	"syscall"
)

// leftBy returns a function that reports whether the client has closed conn, which fasthttp
// does not look at while an answer is sent. The first write after that still succeeds. Of
// a connection that is encrypted, only its two ends know.
func leftBy(conn net.Conn) func() bool {
	c, ok := conn.(syscall.Conn)
	if !ok {
		return func() bool { return false }
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return func() bool { return true } // closed on this side
	}
	left := false
	peek := func(fd uintptr) {
		var next [1]byte
		n, _, err := syscall.Recvfrom(int(fd), next[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		left = n == 0 && err == nil || err == syscall.ECONNRESET
	}
	return func() bool {
		return raw.Control(peek) != nil || left
	}
}
