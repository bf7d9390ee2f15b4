package io.salver.it;

import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.salver.server.tfserving.proto.ClassificationRequest;
import io.salver.server.tfserving.proto.ClassificationResponse;
import io.salver.server.tfserving.proto.GetModelMetadataRequest;
import io.salver.server.tfserving.proto.GetModelMetadataResponse;
import io.salver.server.tfserving.proto.GetModelStatusRequest;
import io.salver.server.tfserving.proto.GetModelStatusResponse;
import io.salver.server.tfserving.proto.PredictRequest;
import io.salver.server.tfserving.proto.PredictResponse;
import io.salver.server.tfserving.proto.RegressionRequest;
import io.salver.server.tfserving.proto.RegressionResponse;
import io.salver.server.tfserving.proto.ReloadConfigRequest;
import io.salver.server.tfserving.proto.ReloadConfigResponse;
import java.util.concurrent.TimeUnit;

/** A channel of grpc-java, and TensorFlow Serving's methods on it. */
final class GrpcClient implements AutoCloseable {
  static final MethodDescriptor<PredictRequest, PredictResponse> PREDICT =
      method(
          "PredictionService/Predict",
          PredictRequest.getDefaultInstance(),
          PredictResponse.getDefaultInstance());
  static final MethodDescriptor<ClassificationRequest, ClassificationResponse> CLASSIFY =
      method(
          "PredictionService/Classify",
          ClassificationRequest.getDefaultInstance(),
          ClassificationResponse.getDefaultInstance());
  static final MethodDescriptor<RegressionRequest, RegressionResponse> REGRESS =
      method(
          "PredictionService/Regress",
          RegressionRequest.getDefaultInstance(),
          RegressionResponse.getDefaultInstance());
  static final MethodDescriptor<GetModelMetadataRequest, GetModelMetadataResponse> METADATA =
      method(
          "PredictionService/GetModelMetadata",
          GetModelMetadataRequest.getDefaultInstance(),
          GetModelMetadataResponse.getDefaultInstance());
  static final MethodDescriptor<GetModelStatusRequest, GetModelStatusResponse> STATUS =
      method(
          "ModelService/GetModelStatus",
          GetModelStatusRequest.getDefaultInstance(),
          GetModelStatusResponse.getDefaultInstance());
  static final MethodDescriptor<ReloadConfigRequest, ReloadConfigResponse> RELOAD =
      method(
          "ModelService/HandleReloadConfigRequest",
          ReloadConfigRequest.getDefaultInstance(),
          ReloadConfigResponse.getDefaultInstance());

  private static final int LARGEST_ANSWER_BYTES = 256 << 20;
  private static final long CALL_LIMIT_S = 120;

  private final ManagedChannel channel;

  GrpcClient(int port) {
    this.channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port)
            .usePlaintext()
            .maxInboundMessageSize(LARGEST_ANSWER_BYTES)
            .build();
  }

  private static <Q extends Message, A extends Message> MethodDescriptor<Q, A> method(
      String name, Q request, A answer) {
    return MethodDescriptor.<Q, A>newBuilder()
        .setType(MethodType.UNARY)
        .setFullMethodName("tensorflow.serving." + name)
        .setRequestMarshaller(ProtoUtils.marshaller(request))
        .setResponseMarshaller(ProtoUtils.marshaller(answer))
        .build();
  }

  /**
   * Calls and waits.
   *
   * @throws io.grpc.StatusRuntimeException if the answer is an error
   */
  <Q, A> A call(MethodDescriptor<Q, A> method, Q request) {
    return ClientCalls.blockingUnaryCall(
        channel,
        method,
        CallOptions.DEFAULT.withDeadlineAfter(CALL_LIMIT_S, TimeUnit.SECONDS),
        request);
  }

  Channel channel() {
    return channel;
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
