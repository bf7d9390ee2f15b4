/**
 * Sockets and event loops: what accepts connections, and what belongs to each loop.
 *
 * <p>Public face: {@code Listener}, {@code ListenerConfig}, {@code SocketOptions}, {@code
 * TransportKind}, {@code LoopContext}, {@code Peer}. For the protocols that are spoken over a
 * connection: {@code ConnectionSetup}, {@code Connection}, {@code Loop}, {@code BufferPool}, {@code
 * LoopMemory}.
 */
@NullMarked
package io.salver.server.net;

import org.jspecify.annotations.NullMarked;
