package io.salver.it.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.grpc.testing.integration.EmptyProtos.Empty;
import io.grpc.testing.integration.Messages.BoolValue;
import io.grpc.testing.integration.Messages.EchoStatus;
import io.grpc.testing.integration.Messages.Payload;
import io.grpc.testing.integration.Messages.SimpleRequest;
import io.grpc.testing.integration.Messages.SimpleResponse;
import io.grpc.testing.integration.Messages.StreamingInputCallRequest;
import io.grpc.testing.integration.Messages.StreamingInputCallResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.util.AsciiString;
import io.salver.predict.ServingException;
import io.salver.server.grpc.GrpcCall;
import io.salver.server.grpc.GrpcMethod;
import io.salver.server.grpc.GrpcStatus;
import io.salver.server.grpc.StreamCall;
import io.salver.server.grpc.StreamListener;
import io.salver.server.grpc.UnaryCall;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;

/** The service of gRPC's interoperability tests, as their specification says it behaves. */
final class InteropService {
  private static final String SERVICE = "grpc.testing.TestService/";
  private static final String ECHO_INITIAL = "x-grpc-test-echo-initial";
  private static final String ECHO_TRAILING = "x-grpc-test-echo-trailing-bin";

  private final ScheduledExecutorService timer;

  InteropService(ScheduledExecutorService timer) {
    this.timer = timer;
  }

  List<GrpcMethod> methods() {
    return List.of(
        new GrpcMethod.Unary(SERVICE + "EmptyCall", this::empty),
        new GrpcMethod.Unary(SERVICE + "UnaryCall", this::unary),
        new GrpcMethod.Streaming(SERVICE + "StreamingInputCall", this::streamingInput),
        new GrpcMethod.Streaming(
            SERVICE + "StreamingOutputCall", call -> new ResponseStream(call, timer, false)),
        new GrpcMethod.Streaming(
            SERVICE + "FullDuplexCall", call -> new ResponseStream(call, timer, false)),
        new GrpcMethod.Streaming(
            SERVICE + "HalfDuplexCall", call -> new ResponseStream(call, timer, true)));
  }

  private void empty(UnaryCall call, ByteBuf message) {
    parse(Empty.parser(), message);
    call.reply(frame(call, Empty.getDefaultInstance()));
  }

  private void unary(UnaryCall call, ByteBuf message) {
    SimpleRequest request = parse(SimpleRequest.parser(), message);
    requireCompression(call, request.hasExpectCompressed(), request.getExpectCompressed());
    echoMetadata(call);
    if (request.hasResponseStatus()) {
      fail(call, request.getResponseStatus());
      return;
    }
    call.compressReplies(request.getResponseCompressed().getValue());
    call.reply(
        frame(
            call,
            SimpleResponse.newBuilder().setPayload(payload(request.getResponseSize())).build()));
  }

  private StreamListener streamingInput(StreamCall call) {
    call.request(1);
    return new StreamListener() {
      private int total;

      @Override
      public void onMessage(ByteBuf message) {
        StreamingInputCallRequest request = parse(StreamingInputCallRequest.parser(), message);
        requireCompression(call, request.hasExpectCompressed(), request.getExpectCompressed());
        total += request.getPayload().getBody().size();
        call.request(1);
      }

      @Override
      public void onHalfClose() {
        call.send(
            frame(
                call,
                StreamingInputCallResponse.newBuilder().setAggregatedPayloadSize(total).build()));
        call.close();
      }
    };
  }

  static void requireCompression(GrpcCall call, boolean stated, BoolValue expected) {
    if (stated && expected.getValue() != call.isMessageCompressed()) {
      throw ServingException.invalid("compressed: " + call.isMessageCompressed());
    }
  }

  static void echoMetadata(GrpcCall call) {
    String initial = call.requestMetadata().get(ECHO_INITIAL);
    if (initial != null) {
      call.addInitialMetadata(AsciiString.of(ECHO_INITIAL), AsciiString.of(initial));
    }
    byte[] trailing = call.requestMetadata().getBinary(ECHO_TRAILING);
    if (trailing != null) {
      call.addTrailer(ECHO_TRAILING, trailing);
    }
  }

  static void fail(GrpcCall call, EchoStatus status) {
    call.fail(GrpcStatus.values()[status.getCode()], status.getMessage());
  }

  static Payload payload(int sizeBytes) {
    return Payload.newBuilder().setBody(ByteString.copyFrom(new byte[sizeBytes])).build();
  }

  static <T> T parse(Parser<T> parser, ByteBuf message) {
    try {
      return parser.parseFrom(new ByteBufInputStream(message));
    } catch (InvalidProtocolBufferException e) {
      throw ServingException.invalid(e.getMessage());
    }
  }

  static ByteBuf frame(GrpcCall call, MessageLite message) {
    ByteBuf frame = call.newMessage(message.getSerializedSize());
    try {
      message.writeTo(new ByteBufOutputStream(frame));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return frame;
  }
}
