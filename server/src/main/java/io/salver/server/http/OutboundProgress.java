package io.salver.server.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;

/** Tells whether a client takes what is sent to it. Asked now and then, on the loop. */
final class OutboundProgress {
  private long unreadBefore = -1;

  /** Whether there was something to send, and the client has taken nothing of it since asked. */
  boolean isStuck(Channel channel) {
    ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
    long unread = out == null ? 0 : out.totalPendingWriteBytes() - out.currentProgress();
    boolean stuck = unread > 0 && unread == unreadBefore;
    unreadBefore = unread;
    return stuck;
  }
}
