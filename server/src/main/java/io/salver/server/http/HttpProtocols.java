package io.salver.server.http;

import io.netty.channel.Channel;
import io.salver.server.net.ConnectionSetup;
import io.salver.server.net.Loop;

/**
 * HTTP/1.1 and HTTP/2 with prior knowledge, told apart by a connection's first bytes.
 *
 * @param handler answers what is not for {@code service}
 * @param service answers what it accepts of the HTTP/2 requests
 */
public record HttpProtocols(HttpHandler handler, Http2Service service, HttpLimits limits)
    implements ConnectionSetup {

  /** Only plain HTTP, with the default limits. */
  public static HttpProtocols plain(HttpHandler handler) {
    return new HttpProtocols(handler, _ -> null, HttpLimits.DEFAULT);
  }

  @Override
  public void open(Channel channel, Loop loop) {
    channel.pipeline().addLast(new ProtocolDetector(this, loop));
  }
}
