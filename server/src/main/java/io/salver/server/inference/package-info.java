/**
 * What the front ends that answer predictions have in common: one prediction from its bytes to its
 * answer, and how it is observed, refused and cut off.
 *
 * <p>Public face: {@code Inference} runs an {@code InferenceCall} and tells an {@code
 * InferenceObserver}; {@code VersionInquiry} asks a version about itself; {@code Failures}, {@code
 * GrpcMessages}, {@code RestCall}, {@code PerLoop}, {@code PercentDecoder}, {@code BufferViews},
 * {@code Names} and {@code SignatureCache} are for those that write one.
 */
@NullMarked
package io.salver.server.inference;

import org.jspecify.annotations.NullMarked;
