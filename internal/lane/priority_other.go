//go:build !linux

package lane

// lowerPriority does nothing where priorities belong to whole processes.
func lowerPriority() {}
