//! Receiving the body of a request: bounded in bytes and in time, whichever door reads it. What is larger is
//! not read to its end.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::web::{Bytes, BytesMut};
use futures_util::StreamExt;
use kordon_adapters::trembita::soap::faults::{FaultCode, Refusal};
use kordon_schemas::ProblemCode;

use crate::problem::Failure;

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why a body was not received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotReceived {
    /// It has more bytes than that.
    TooLarge(usize),
    /// It took too long.
    TooSlow,
    /// The connection broke, or its framing is wrong.
    Broken,
}

/// Receives a body of at most `most` bytes.
pub(crate) async fn receive(mut payload: Payload, most: usize) -> Result<Bytes, NotReceived> {
    let receiving = async {
        let mut body = BytesMut::new();
        while let Some(piece) = payload.next().await {
            let piece = piece.map_err(|_| NotReceived::Broken)?;
            if body.len() + piece.len() > most {
                return Err(NotReceived::TooLarge(most));
            }
            body.extend_from_slice(&piece);
        }
        Ok(body.freeze())
    };
    tokio::time::timeout(PATIENCE, receiving).await.unwrap_or(Err(NotReceived::TooSlow))
}

impl From<NotReceived> for Failure {
    fn from(not_received: NotReceived) -> Self {
        match not_received {
            NotReceived::TooLarge(most) => {
                Self::new(ProblemCode::TooLarge, format!("the body has more than {most} bytes"))
            }
            NotReceived::TooSlow => {
                Self::malformed("body", format!("did not arrive within {} seconds", PATIENCE.as_secs()))
            }
            NotReceived::Broken => Self::malformed("body", "could not be received"),
        }
    }
}

impl From<NotReceived> for Refusal {
    fn from(not_received: NotReceived) -> Self {
        let text = match not_received {
            NotReceived::TooLarge(most) => format!("larger than {most} bytes"),
            NotReceived::TooSlow => {
                format!("the message did not arrive within {} seconds", PATIENCE.as_secs())
            }
            NotReceived::Broken => "the message could not be received".to_owned(),
        };
        Self::new(FaultCode::InvalidMessage, text)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::error::PayloadError;
    use futures_util::stream;

    use super::*;

    fn payload(pieces: Vec<Result<Bytes, PayloadError>>) -> Payload {
        Payload::Stream { payload: Box::pin(stream::iter(pieces)) }
    }

    #[tokio::test]
    async fn a_body_is_taken_up_to_its_last_byte_and_not_one_more() {
        let pieces = || vec![Ok(Bytes::from_static(b"ab")), Ok(Bytes::from_static(b"cd"))];
        assert_eq!(receive(payload(pieces()), 4).await, Ok(Bytes::from_static(b"abcd")));
        assert_eq!(receive(payload(pieces()), 3).await, Err(NotReceived::TooLarge(3)));
        assert_eq!(receive(payload(Vec::new()), 0).await, Ok(Bytes::new()));
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_not_taken_for_a_shorter_one() {
        let pieces = vec![Ok(Bytes::from_static(b"ab")), Err(PayloadError::Incomplete(None))];
        assert_eq!(receive(payload(pieces), 4).await, Err(NotReceived::Broken));
    }
}
