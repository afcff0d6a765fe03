//go:build !unix

package fiberadapter

import "net"

// leftBy is for systems on which a connection cannot be asked: a write has to fail.
func leftBy(net.Conn) func() bool { return func() bool { return false } }
