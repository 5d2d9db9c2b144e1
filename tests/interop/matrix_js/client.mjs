// A Matrix client for the tests: one JSON command a line on stdin, one JSON answer a line on stdout.
// {"do": "login", "url", "user", "password"}; then "rooms", "say", "reply", "history", "sync" and "leave".

import { createInterface } from "node:readline";

// the SDK tells what it does on the console, and stdout is for answers
for (const name of ["debug", "error", "info", "log", "trace", "warn"]) console[name] = () => {};
const { ClientEvent, createClient, EventType, MsgType, RoomEvent, SyncState } = await import("matrix-js-sdk");

let client;

function roomCalled(name) {
    const room = client.getRooms().find((each) => each.name === name);
    if (!room) throw new Error(`no room called ${name}`);
    return room;
}

function shown(event) {
    const relation = event.getRelation();
    return {
        id: event.getId(),
        sender: event.getSender(),
        type: event.getType(),
        content: event.getContent(),
        redacted: event.isRedacted(),
        thread: relation?.rel_type === "m.thread" ? relation.event_id : null,
        answers: relation?.["m.in_reply_to"]?.event_id ?? null,
    };
}

function told(emitter, name, wanted) {
    return new Promise((resolve) => {
        const listen = (...words) => {
            if (!wanted(...words)) return;
            emitter.off(name, listen);
            resolve(words);
        };
        emitter.on(name, listen);
    });
}

const commands = {
    async login({ url, user, password }) {
        client = createClient({ baseUrl: url });
        const identifier = { type: "m.id.user", user };
        const answer = await client.loginRequest({ type: "m.login.password", identifier, password });
        client = createClient({
            baseUrl: url, userId: answer.user_id, accessToken: answer.access_token, deviceId: answer.device_id,
        });
        const prepared = told(client, ClientEvent.Sync, (state) => state === SyncState.Prepared);
        await client.startClient({ initialSyncLimit: 50, threadSupport: true });
        await prepared;
        return { user: answer.user_id };
    },
    async rooms() {
        return client.getRooms().map((room) => ({ name: room.name, as: room.getMyMembership() }));
    },
    async say({ room, body }) {
        const answer = await client.sendMessage(roomCalled(room).roomId, { msgtype: MsgType.Text, body });
        return { id: answer.event_id };
    },
    async reply({ room, thread, body }) {
        const answer = await client.sendMessage(roomCalled(room).roomId, thread, { msgtype: MsgType.Text, body });
        return { id: answer.event_id };
    },
    async history({ room }) {
        const { roomId } = roomCalled(room);
        const answer = await client.createMessagesRequest(roomId, null, 100, "b");
        return answer.chunk.filter((event) => event.type === EventType.RoomMessage).reverse();
    },
    async await({ room, containing, seconds }) {
        const has = (event) => JSON.stringify(event.getContent()).includes(containing);
        const known = client.getRooms().flatMap((each) => [
            ...each.getLiveTimeline().getEvents(), ...each.getThreads().flatMap((thread) => thread.events),
        ]);
        const there = known.find((event) => client.getRoom(event.getRoomId())?.name === room && has(event));
        if (there) return shown(there);
        const late = new Promise((_, reject) => {
            setTimeout(() => reject(new Error(`nothing with ${containing} in ${seconds} s`)), seconds * 1000);
        });
        const come = told(client, RoomEvent.Timeline, (event, of) => of?.name === room && has(event));
        return shown((await Promise.race([come, late]))[0]);
    },
    async leave() {
        client.stopClient();
        await client.logout(true);
        return {};
    },
};

for await (const line of createInterface({ input: process.stdin })) {
    const command = JSON.parse(line);
    let answer;
    try {
        answer = { ok: await commands[command.do](command) };
    } catch (error) {
        answer = { error: error.data ?? { error: String(error) } };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit(0);
