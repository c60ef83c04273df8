# What the pages of administration have in common. Each subject has a file of its own, admin_{subject}.
menu-health = Health
menu-users = Users
menu-organizations = Organizations
menu-apps = Apps
menu-tokens = Tokens
menu-audit = Audit trail
menu-settings = Settings in force
