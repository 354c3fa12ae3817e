// Package config holds every process setting of Cenote: one struct that the
// command line and the environment fill (flag before CENOTE_… variable before
// default), the checks that turn each wrong value into one clear sentence, and
// the generated reference page docs/operations/configuration.md.
//
// Everything that is not a process setting is data and is changed through the
// AWS APIs.
package config
