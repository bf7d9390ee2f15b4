/**
 * HTTP/1.1 and HTTP/2 on one port.
 *
 * <p>Public face: {@code HttpHandler}, {@code HttpExchange}, {@code AnswerStream}, {@code
 * HttpProtocols}, {@code HttpLimits}, {@code CompressedAnswers}, {@code ForwardingExchange}. For
 * what else is spoken over HTTP/2, as gRPC: {@code Http2Service}, {@code ServerStream}.
 */
@NullMarked
package io.salver.server.http;

import org.jspecify.annotations.NullMarked;
