"""gidgethub over aiohttp: one JSON document in on a line, one out.

The first line is the setting. A call is {"method", "path", "token", …}. Which page follows is for gidgethub to find out.
"""

import asyncio
import json
import sys

import aiohttp
import gidgethub
from gidgethub.aiohttp import GitHubAPI


async def carry_out(setting, call):
    """What a call comes to."""
    async with aiohttp.ClientSession() as session:
        client = GitHubAPI(session, "tester", oauth_token=call.get("token"), base_url=setting["base_url"])
        try:
            if call["method"] == "getiter":
                data = [item["login"] async for item in client.getiter(call["path"])]
            else:
                data = await getattr(client, call["method"])(call["path"], **call.get("body", {}))
        except gidgethub.HTTPException as refused:
            return {"status": refused.status_code.value, "message": str(refused), "data": None}
        return {"status": 200, "data": {"answer": data, "remaining": client.rate_limit and client.rate_limit.remaining}}


async def main():
    """Answers line by line."""
    setting = json.loads(sys.stdin.readline())
    for line in sys.stdin:
        try:
            answer = await carry_out(setting, json.loads(line))
        except Exception as broke:  # pylint: disable=broad-except
            answer = {"broke": repr(broke)}
        print(json.dumps(answer), flush=True)


asyncio.run(main())
