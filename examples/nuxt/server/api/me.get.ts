// What an API says of the service user.
export default defineEventHandler(async (event) => {
  const { apiUrl } = useRuntimeConfig(event);
  const response = await sourceOf(event).fetch(apiUrl);
  const { user } = await response.json();
  return `${response.status}, I am ${user.userName}`;
});
