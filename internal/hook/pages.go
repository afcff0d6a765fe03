package hook

import "github.com/apiroutes/apiroutes/internal/pages"

// Pages returns what typed needs of a *pagecache.Cache. Package pagecache sets it.
var Pages func(public any) pages.Cache
