//go:build !linux

package mapping

import "errors"

func populate([]byte) error { return errors.ErrUnsupported }
