package io.salver.server.net;

import io.netty.channel.Channel;

/** Says what is spoken over the connections of a listener. */
@FunctionalInterface
public interface ConnectionSetup {
  /**
   * Puts the handlers of a new connection into its pipeline. On the connection's loop; called by
   * all loops.
   */
  void open(Channel channel, Loop loop);
}
