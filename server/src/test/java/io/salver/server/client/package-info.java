/** Clients for tests: one that sends whatever bytes it is told, and one that speaks HTTP/2. */
@NullMarked
package io.salver.server.client;

import org.jspecify.annotations.NullMarked;
