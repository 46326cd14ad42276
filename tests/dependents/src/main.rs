//! Prints the body of a token request.

fn main() {
    match dependent::body() {
        Ok(body) => println!("{body}"),
        Err(error) => eprintln!("{error}"),
    }
}
