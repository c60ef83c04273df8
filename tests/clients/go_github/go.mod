module counterfoil.test/go_github

go 1.25.0

require github.com/google/go-github/v89 v89.0.0

require github.com/google/go-querystring v1.2.0 // indirect
