package typed

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	declared "github.com/apiroutes/apiroutes/internal/fault"
)

// prepare checks every field. listens: Addr is needed.
func (s *Server) prepare(listens bool) (*serving, error) {
	var faults []declared.Fault
	add := func(field, problem, fix string) {
		faults = append(faults, declared.Fault{Field: field, Problem: problem, Fix: fix})
	}
	if listens && s.Addr == "" {
		add("Addr", "it is empty", `write "127.0.0.1:8080", or ":8080" for every interface`)
	}
	if s.Handler == nil {
		add("Handler", "it is nil", "give it an *API, or the router in which one is mounted")
	}
	for _, limit := range []struct {
		field string
		value int64
		zero  string
	}{
		{"MaxHeaderBytes", int64(s.MaxHeaderBytes), "64 KiB"},
		{"MaxConnections", int64(s.MaxConnections), "no limit"},
		{"LameDuck", int64(s.LameDuck), "none"},
	} {
		if limit.value < 0 {
			add(limit.field, "it is negative", "write 0 for "+limit.zero)
		}
	}
	s.checkProbes(add)
	config, err := s.tlsConfig(add)
	if err != nil {
		return nil, err
	}
	if len(faults) > 0 {
		errs := make([]error, len(faults))
		for i, f := range faults {
			errs[i] = fmt.Errorf("typed: Server: %w", f)
		}
		return nil, errors.Join(errs...)
	}
	if api, ok := s.Handler.(*API); ok {
		api.mustCheck()
		api.start.Do(api.freeze) // what is wrong with it is said now, not by the first request
	}
	v := newServing(s, config)
	v.warnOfCertificates(time.Now())
	return v, nil
}

func (s *Server) checkProbes(add func(field, problem, fix string)) {
	for field, probe := range map[string]Probe{"Ready": s.Ready, "Live": s.Live} {
		switch {
		case probe.Path == "" && probe.Check != nil:
			add(field, "it has a Check and no Path", `write a Path, such as "/readyz", or leave the Check out`)
		case probe.Path != "" && !strings.HasPrefix(probe.Path, "/"):
			add(field, fmt.Sprintf("the path %q does not begin with a slash", probe.Path), fmt.Sprintf("write %q", "/"+probe.Path))
		}
	}
	if s.Ready.Path != "" && s.Ready.Path == s.Live.Path {
		add("Ready", "it has the path of Live", `give each its own, such as "/readyz" and "/livez"`)
	}
}

// tlsConfig is nil where there is no TLS.
func (s *Server) tlsConfig(add func(field, problem, fix string)) (*tls.Config, error) {
	config := s.TLS.Clone() // nil stays nil
	if s.CertFile == "" && s.KeyFile == "" {
		if config != nil && len(config.Certificates) == 0 && config.GetCertificate == nil && config.GetConfigForClient == nil {
			add("TLS", "it has no certificate", "set CertFile and KeyFile, or TLS.Certificates or TLS.GetCertificate")
		}
		return config, nil
	}
	if s.CertFile == "" {
		add("CertFile", "it is empty, and KeyFile is not", "set both")
		return nil, nil
	}
	if s.KeyFile == "" {
		add("KeyFile", "it is empty, and CertFile is not", "set both")
		return nil, nil
	}
	certificate, err := tls.LoadX509KeyPair(s.CertFile, s.KeyFile)
	if err != nil {
		return nil, certificateError(s.CertFile, s.KeyFile, err)
	}
	if config == nil {
		config = &tls.Config{}
	}
	config.Certificates = append(config.Certificates[:len(config.Certificates):len(config.Certificates)], certificate)
	return config, nil
}

// certificateError says what to do about files that are no certificate and its key.
func certificateError(certFile, keyFile string, err error) error {
	say := func(format string, args ...any) error {
		return fmt.Errorf("typed: Server: "+format+": %w", append(args, err)...)
	}
	var file *os.PathError
	text := err.Error()
	switch {
	case errors.As(err, &file):
		return say("the file %s cannot be read: name a PEM file that this process may read", file.Path)
	case strings.Contains(text, "do not match"), strings.Contains(text, "does not match"):
		return say("the key in %s is not that of the first certificate in %s: name the two files that were issued together, and put the server's certificate before those of its issuers", keyFile, certFile)
	case strings.Contains(text, "certificate input"):
		return say("%s holds no certificate: name a PEM file with a CERTIFICATE block", certFile)
	case strings.Contains(text, "key input"), strings.Contains(text, "rather than a key"), strings.Contains(text, "PRIVATE KEY"):
		return say("%s holds no private key: name a PEM file with a PRIVATE KEY block", keyFile)
	}
	return say("the certificate in %s and the key in %s cannot be used: make them again in PEM form", certFile, keyFile)
}

// warnOfCertificates logs those that clients are going to refuse. A clock that is wrong
// is no reason not to start.
func (v *serving) warnOfCertificates(now time.Time) {
	if v.http.TLSConfig == nil {
		return
	}
	for _, certificate := range v.http.TLSConfig.Certificates {
		leaf := certificate.Leaf
		if leaf == nil && len(certificate.Certificate) > 0 {
			leaf, _ = x509.ParseCertificate(certificate.Certificate[0])
		}
		switch {
		case leaf == nil:
		case now.After(leaf.NotAfter):
			v.log.Warn("typed: the certificate has expired: clients will refuse it", "subject", leaf.Subject.String(), "notAfter", leaf.NotAfter)
		case now.Before(leaf.NotBefore):
			v.log.Warn("typed: the certificate is not valid yet: clients will refuse it", "subject", leaf.Subject.String(), "notBefore", leaf.NotBefore)
		}
	}
}

// listenError says what to do about an address that cannot be listened on.
func listenError(addr string, err error) error {
	advice := `write it as "127.0.0.1:8080", or ":8080" for every interface`
	var dns *net.DNSError
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, syscall.EADDRINUSE):
		advice = `another process listens there: stop it, or choose another port (":0" takes any that is free)`
	case errors.Is(err, syscall.EACCES):
		advice = "this process may not: choose a port from 1024 on, or grant it CAP_NET_BIND_SERVICE"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		advice = `no interface of this machine has that address: choose one that it has, or ":PORT" for all`
	case errors.As(err, &dns):
		advice = `the host is not known here: write an address of this machine, or ":PORT" for all`
	}
	return fmt.Errorf("typed: Server: cannot listen on %q: %s: %w", addr, advice, err)
}
