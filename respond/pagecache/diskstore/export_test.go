package diskstore

import "os"

// CheckFile is what Open does to a file first.
func CheckFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return check(f, info.Size())
}

// Racing is for tests outside of the package.
const Racing = racing
