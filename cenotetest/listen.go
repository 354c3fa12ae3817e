package cenotetest

import (
	"context"
	"errors"
	"net"
	"strconv"
	"syscall"
)

// listen opens a free port on both loopback addresses, because "localhost"
// may lead to either: were a stranger on one of them, clients would sometimes
// reach the stranger. The second is left out where the machine has no IPv6.
func listen(ctx context.Context) ([]net.Listener, error) {
	const attempts = 100
	var config net.ListenConfig
	for range attempts {
		four, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		six, err := config.Listen(ctx, "tcp", net.JoinHostPort("::1", port(four)))
		switch {
		case err == nil:
			return []net.Listener{four, six}, nil
		case !errors.Is(err, syscall.EADDRINUSE):
			return []net.Listener{four}, nil
		}
		if err := four.Close(); err != nil {
			return nil, err
		}
	}
	return nil, errors.New("no port is free on both loopback addresses")
}

func port(l net.Listener) string { return strconv.Itoa(l.Addr().(*net.TCPAddr).Port) }
