"""The peer that a shop would write by hand: find the subscription, find the use, check, insert the event, update the use.

uvicorn naive_service:app --port PORT --no-access-log --loop uvloop --http httptools, then POST /setup once. PEER_MONGODB_URI says where.
It is no example: two events at once pass a limit together, and a crash between the last two steps loses the count of a stored event.
"""
import datetime
import os

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from pymongo import AsyncMongoClient

app = FastAPI()
db = AsyncMongoClient(os.environ["PEER_MONGODB_URI"], maxPoolSize=100)["peer_naive"]


class Usage(BaseModel):
    event_id: str
    user_id: str
    amount: int


def key_of(user):
    return {"user_id": user, "shop_id": "shop1"}


async def subscription_of(user):
    found = await db.subscriptions.find_one({**key_of(user), "status": {"$in": ["active", "suspended"]}})
    if not found:
        raise HTTPException(404)
    return found


@app.post("/setup")
async def setup(users: int):
    for collection in (db.subscriptions, db.token_usage, db.usage_log):
        await collection.drop()
    await db.subscriptions.create_index([("user_id", 1), ("shop_id", 1)])
    await db.token_usage.create_index([("user_id", 1), ("shop_id", 1)])
    await db.usage_log.create_index("event_id", unique=True)
    end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=30)
    daily = [{"date": f"2026-11-{day:02d}", "tokens": day, "queries": 1} for day in range(1, 21)]
    for first in range(0, users, 1000):
        keys = [key_of(f"user{number}") for number in range(first, min(first + 1000, users))]
        await db.subscriptions.insert_many(
            [{**key, "status": "active", "allocated_tokens": 10**12, "current_period_end": end} for key in keys])
        await db.token_usage.insert_many(
            [{**key, "used_tokens": 0, "total_queries": 0, "daily_usage": daily, "current_period_end": end} for key in keys])
    return {"users": users}


@app.post("/v1/usage", status_code=201)
async def record(usage: Usage):
    key = key_of(usage.user_id)
    subscription = await subscription_of(usage.user_id)
    use = await db.token_usage.find_one(key)
    if use["used_tokens"] + usage.amount > subscription["allocated_tokens"]:
        raise HTTPException(402)
    try:
        await db.usage_log.insert_one(
            {"event_id": usage.event_id, **key, "amount": usage.amount, "at": datetime.datetime.now(datetime.UTC)})
    except Exception:
        return {"duplicate": True}
    await db.token_usage.update_one(key, {"$inc": {
        "used_tokens": usage.amount, "total_queries": 1, "daily_usage.19.tokens": usage.amount, "daily_usage.19.queries": 1}})
    return {"used_tokens": use["used_tokens"] + usage.amount}


@app.get("/v1/subscriptions/{user}")
async def status(user: str):
    subscription = await subscription_of(user)
    use = await db.token_usage.find_one(key_of(user))
    week = [day["tokens"] for day in use["daily_usage"][-7:]]
    return {
        "plan": "pro", "used": use["used_tokens"], "limit": subscription["allocated_tokens"], "average": sum(week) / len(week),
        "daily": use["daily_usage"]}
