# The settings in force, as site administrators see them.
title = Settings in force
intro = What this server goes by, and where it comes from: a flag of the command, a variable of the environment, the settings file or the default. Of secrets only whether they are set. <code>counterfoil config show</code> says the same of the settings as they are now.
waiting = Settings with a mark were changed since the start. What is shown counts until the server starts again.
none = This server was started without telling its settings.
setting = Setting
value = Value
source = From
set = set
not-set = not set
by-default = the default
waits = Changed, waits for a restart
