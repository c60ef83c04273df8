# What stands around every page.
title = { $title } · { $brand }
title-with-problem = Error: { $title } · { $brand }
skip = Skip to content
about = About this server
main-menu = Main
menu = Menu
settings = Settings
menu-access = Access
menu-tokens = Personal tokens
menu-account = Account
menu-security = Security
menu-sessions = Sessions
menu-profile = Profile
sign-out = Sign out
sign-out-login = Sign out { $login }
